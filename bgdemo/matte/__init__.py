"""Photo → Cutout: the networks, alpha matting and foreground estimation."""
