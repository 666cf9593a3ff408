"""Cutout → file: looks, frames, compositing and encoding."""
