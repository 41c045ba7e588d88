//! Synthetic candidates, job openings, campaigns and daily metrics with known truth
