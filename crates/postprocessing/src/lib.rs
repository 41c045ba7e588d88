//! From predictions to business terms: bounds, intervals, campaign estimates, segment descriptions
