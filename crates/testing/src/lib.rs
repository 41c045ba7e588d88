//! Fixtures and common checks for the tests of adflux
