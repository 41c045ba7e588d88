//! From a frame to features: imputing, scaling, encoding, text
