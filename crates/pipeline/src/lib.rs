//! Preprocessor, model and postprocessor as one fitted pipeline and one file
