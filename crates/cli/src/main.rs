//! The `adflux` command.
//!
//! Results go to standard output, progress and errors to standard error. Exit 0: done; 1: the job failed; 2: the command
//! line was wrong.

mod demo;
mod numbers;
mod progress;
mod simulate;
mod tables;

use adflux::core::{Context, Result};
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Machine learning for recruitment advertising: segment candidates, predict campaigns.
#[derive(Debug, Parser)]
#[command(name = "adflux", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Arguments),
    Simulate(simulate::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let context = Context::default().with_progress(progress::on_terminal());
    let done: Result<()> = match arguments.command {
        Command::Demo(arguments) => demo::run(&arguments, &context),
        Command::Simulate(arguments) => simulate::run(&arguments, &context),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("adflux: {error}");
            ExitCode::FAILURE
        }
    }
}
