//! Predictions from tables: histogram random forests and funnels of rates
