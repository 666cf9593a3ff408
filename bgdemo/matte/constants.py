"""Every tuned number of the matting, the fusion and the foreground estimation, in one table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MattingConstants:
    """Tuned on alphamatting.com's training set and on photos of hair, fur, whiskers, spokes and glass.

    Lengths are in pixels of the working picture ("px") unless said otherwise, opacities and colours in [0, 1]; sides
    of square windows are odd, so that they have a middle.
    """

    # The working picture.
    full_scale: int = 1 << 19  # pixels: in smaller working pictures windows and bands shrink with the picture
    window_radius: int = 4  # px: half the side of the windows in which opacity is a linear function of colour
    flat_variance: float = 1e-5  # variance of colour below which a window counts as flat: the noise of a good photo

    # What the network is sure of.
    sure: float = 0.95  # opacity from which the network is sure of the subject; below 1 − it, of the background
    band_radius: int = 16  # px: how far doubt may move the edge, and the scale on which softness is judged
    ghost_softness: float = 0.4  # softness above which a part is only half believed in, and becomes opaque …
    ghost_ramp: float = 0.2  # … wholly so at this much more
    ghost_steepness: float = 20.0  # slope of the sigmoid that makes it so
    noise: float = 0.01  # opacity: what the solution is off by at either end

    # The network's confidence, in units of the matting Laplacian.
    confidence: float = 0.2  # of a certain pixel where nothing is soft
    certainty_power: int = 3  # how fast it falls with the network's certainty |2α − 1|
    softness_gain: float = 10.0  # softness of 1 ÷ this begins to count against it …
    softness_power: int = 4  # … and this fast
    softness_floor: float = 0.1  # keeps it finite where nothing is soft
    thin_confidence: float = 20.0  # of thin structures, in times a certain pixel's
    unexplained_confidence: float = 3.0  # per variance that colours do not explain

    # Thin structures, such as whiskers.
    thin_side: int = 11  # px: narrower than this is thin
    thin_clearance: int = 13  # px: side of the square that has to be clear of the bulk
    thin_kept: float = 0.8  # share of their opacity in the prediction that they keep whatever the colours say

    # What is cleaned from the solution.
    haze_side: int = 15  # px: a veil or hole narrower than this is none
    haze_limit: float = 0.15  # opacity from which a veil is meant
    haze_removed: float = 0.03  # opacity up to which it vanishes
    proximity_side: int = 5  # px: side of the square in which the network has to see something of the subject …
    proximity_gain: float = 10.0  # … of an opacity of 1 ÷ this, or what the solution found there fades

    # Sampled colours of subject and background.
    sampling_shrink: int = 4  # the colours are averaged on a picture so many times smaller
    sampling_sigma: float = 0.125  # of the averaging Gaussian there, in band radii
    sampling_presence: float = 0.01  # share of sure pixels nearby at which their colours count half
    sampling_confidence: float = 0.15  # of an opacity that explains the pixel perfectly
    sampling_misfit: float = 4.0  # how much misfit and spread of colours count against their distance
    sampling_distance: float = 1e-4  # squared colour distance that keeps the division finite
    sampling_noise: float = 1e-3  # squared colour distance that is too small to tell anything

    # Steps of conjugate gradients: a few are enough, and what far pixels would add is worth little.
    refine_steps: int = 6
    alpha_matting_steps: int = 8

    # Two networks made one.
    fusion_certainty: float = 0.98  # opacity at which a network's log-odds are cut off: none decides alone
    fusion_bias: float = 3.0  # log-odds: what a network misses weighs less than what it sees
    fusion_ramp: float = 3.0  # log-odds between nothing and all
    fusion_blur: float = 15 / 1024  # of the width: narrower is the coarse network's blur, 5 pixels of 320
    fusion_present: float = 0.1  # opacity from which a part that the fine network misses is one
    fusion_area: float = 0.003  # of the picture: a smaller part is a speck
    fusion_rim: int = 9  # pixels of the fine network: side of the square around a part where its soft rim is

    # Whether the result is to be doubted.
    failure_onset: float = 1.25  # log-odds of a failure where the network is in two minds …
    failure_slope: float = 0.43  # … and how fast they fall with its own log-odds …
    failure_certainty: float = 0.999  # … which are cut off here
    doubt_failure: float = 0.5  # probability of a failure above which there may be no clear subject
    doubt_disagreement: float = 0.3  # 1 − IoU of two networks' masks above which one of them missed something
    doubt_hesitation: float = 0.25  # share of what a network sees, but is not sure of, above which it missed something
    doubt_seen: float = 0.25  # opacity from which a network sees something …
    doubt_sure: float = 0.75  # … and is sure of it

    # A photo of the empty scene. Colours are levels in 0..255, log-odds natural.
    plate_pixels: int = 1 << 19  # of the pictures that are compared
    plate_shape: float = 0.03  # log of the ratio of two aspects that are still the same
    plate_smoothing: float = 0.7  # px: Gaussian that evens out resampling and JPEG
    plate_detail: float = 3.0  # px: Gaussian below which something is detail
    plate_contrast: float = 6.0  # levels of local contrast that are mere noise
    plate_register_side: int = 512  # px: longer side of the pictures that are registered …
    plate_register_least: int = 24  # px: … and the least shorter side of a coarser one
    plate_register_scale: float = 0.3  # of local contrast: a misfit that halves a pixel's weight, about
    plate_register_steps: int = 12
    plate_register_precision: float = 0.01  # px
    plate_motion: float = 0.01  # of the width, and per width: standard deviation of what a camera held still moves …
    plate_correlated: float = 12.0  # … in pixels that say the same, as smoothing made them alike
    plate_exposure: float = 0.7  # greatest log of the ratio of both exposures …
    plate_ratios: int = 141  # … and in how many steps it is looked for
    plate_exposure_scale: float = (
        12.0  # levels: a misfit that halves a pixel's weight at first, and a quarter of it later
    )
    plate_exposure_steps: int = 12
    plate_damping: float = 0.4  # keeps the offset small where there is but one brightness
    plate_saturated: float = 248.0  # levels from which a channel may be cut off
    plate_agreed: float = 9.0  # variances, of 3 sigma, within which both photos agree
    plate_noise_rounds: int = 3
    plate_noise_pixels: int = 200  # the fewest that a variance is estimated from
    plate_quantisation: float = 0.25  # squared levels: the least variance
    plate_near: float = 3.0  # sigmas of noise, and levels beside, within which a pixel is the same in both
    plate_agreement: float = 0.1  # share of the picture that has to be
    plate_textured: float = 0.01  # share of the picture with texture from which that is asked, too
    plate_window: int = 7  # px: side of the windows in which a shadow is looked for
    plate_independent: float = 8.0  # pixels of a window that tell something of their own
    plate_tint: float = 0.03  # standard deviation of a shadow's colour, relative
    plate_slack: float = 2.0  # of the variance: what is measured in a window may be so much more
    plate_darkest: float = 0.25  # of the light that is left in a shadow
    plate_shadow: float = 1.0  # log-odds of a shadow that only might be one
    plate_enclosed: float = 0.1  # share of what is surely background, below which a smooth shadow is none
    plate_certain: float = 6.0  # log-odds at which a pixel's evidence is cut off
    plate_border: int = 31  # px: side of the windows from which the evidence at a border comes that the plate lacks
    plate_rounds: int = 4  # of the mean field …
    plate_coupling: float = 3.0  # … log-odds that neighbours which are all alike give …
    plate_guide_window: int = 9  # px: … and the side of the windows they are in
    plate_flat: float = 1e-3  # variance of the guide's opacities that is no edge
    plate_speck: float = 0.0005  # of the picture: a smaller piece or hole is none

    # Strokes, on a small picture; geodesic distances in its longer sides.
    touch_side: int = 160  # px: its longer side
    touch_step: float = 0.05  # cost of a way through what is all alike, per longer side …
    touch_colour_edge: float = 10.0  # … and more per difference of colour (CIELAB ÷ 100) between neighbours …
    touch_prediction_edge: float = 10.0  # … of opacity in the prediction …
    touch_feature_edge: float = 50.0  # … and of the network's features (1 − cosine)
    touch_reach: float = 0.3  # distance at which a stroke's evidence is 1 ÷ e
    touch_broad: float = 0.03  # width of a stroke, of the longer side, that reaches so far: a narrower one less
    touch_likeness: float = 0.5  # unlikeness of features at which it is that
    touch_gain: float = 5.0  # log-odds of evidence of 1
    touch_learned_gain: float = 3.0  # of a classifier that is sure …
    touch_learned_reach: float = 1.0  # … and the distance at which that is 1 ÷ e
    touch_prior: float = 0.5  # weight of the prediction's log-odds …
    touch_certainty: float = 0.98  # … which are cut off here
    touch_ramp: float = 2.0  # log-odds between nothing and all
    touch_samples: int = 60  # pixels of the strokes that are compared with
    touch_landmarks: int = 150  # pixels of the picture that the classifier compares with
    touch_kernel_features: float = 0.5  # 1 − cosine at which a kernel is 1 ÷ e
    touch_kernel_colour: float = 0.2  # difference of colour at which it is that …
    touch_kernel_prediction: float = 0.4  # … and of opacity in the prediction
    touch_ridge: float = 1e-3
    touch_said: float = 0.2  # share of the strokes in what the classifier learns from
    touch_rim: int = 5  # px: side of the square around a changed part where the old edge was

    # The foreground estimation; opacities as weights, colours do not enter.
    foreground_rounds: int = 2  # of averaging and correcting on each level of the pyramid
    foreground_floor: float = 0.001  # weight of a neighbour that holds nothing of the colour
    foreground_damping: float = 0.05  # keeps noise, and an alpha that is a little wrong, from being taken for colour
    foreground_margin: int = 11  # px: side of the square around a soft pixel in which the next level may read


CONSTANTS = MattingConstants()
"""The constants in use."""
