//! Metrics, splits and conformal mathematics on arrays
