//! Tests of the crate from outside.

mod boosting;
mod conformance;
mod convergence;
mod counts;
mod data;
mod elastic_net;
mod explain;
mod forests;
mod funnel;
mod glm;
mod huber;
mod inputs;
mod least_squares;
mod levels;
mod limits;
mod logistic;
mod monotone;
mod online;
mod out_of_bag;
mod quality;
mod quantile;
mod ridge_cv;
mod trees;
mod voting;
