//! Segments of people: k-means and the choice of k
