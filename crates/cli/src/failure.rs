//! How a command ends that did not do its work: the exit is 1 where the job failed, and 2 where the command line was wrong.

use adflux::core::Error;
use std::process::ExitCode;

/// Why a command did not do its work.
#[derive(Debug)]
pub enum Failure {
    /// The data, a file, or the work on them.
    Job(Error),
    /// What was asked for, whatever the data.
    Usage(Error),
}

impl Failure {
    /// The command line was wrong: `reason` names the option.
    pub fn usage(reason: impl Into<String>) -> Self {
        Failure::Usage(Error::data(reason))
    }

    pub fn exit(&self) -> ExitCode {
        match self {
            Failure::Job(_) => ExitCode::FAILURE,
            Failure::Usage(_) => ExitCode::from(2),
        }
    }

    pub fn error(self) -> Error {
        match self {
            Failure::Job(error) | Failure::Usage(error) => error,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Job(error)
    }
}
