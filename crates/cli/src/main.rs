//! The `adflux` command.
//!
//! Results go to standard output, progress and errors to standard error. Exit 0: done; 1: the job failed; 2: the command
//! line was wrong.

mod anomalies;
mod backtest;
mod choose_k;
mod columns;
mod compare;
mod compare_segments;
mod completions;
mod decompose;
mod demo;
mod evaluate;
mod explain;
mod failure;
mod forecast;
mod format;
mod inspect;
mod interrupt;
mod measures;
mod numbers;
mod places;
mod predict;
mod predictions;
mod progress;
mod report_data;
mod resampling;
mod segment;
mod series;
mod simulate;
mod tables;
mod train;

use adflux::core::{Context, Error};
use clap::{Parser, Subcommand};
use failure::Failure;
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
    Segment(Box<segment::Arguments>),
    ChooseK(choose_k::Arguments),
    Train(Box<train::Arguments>),
    Predict(predict::Arguments),
    Evaluate(evaluate::Arguments),
    Compare(compare::Arguments),
    CompareSegments(compare_segments::Arguments),
    Explain(Box<explain::Arguments>),
    Forecast(Box<forecast::Arguments>),
    Backtest(Box<backtest::Arguments>),
    Anomalies(anomalies::Arguments),
    Decompose(decompose::Arguments),
    Inspect(inspect::Arguments),
    ReportData(report_data::Arguments),
    Completions(completions::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let context = Context::default().with_progress(progress::on_terminal());
    interrupt::cancels(&context);
    let done: Result<(), Failure> = match arguments.command {
        Command::Demo(arguments) => demo::run(&arguments, &context).map_err(Failure::from),
        Command::Simulate(arguments) => simulate::run(&arguments, &context).map_err(Failure::from),
        Command::Segment(arguments) => segment::run(&arguments, &context),
        Command::ChooseK(arguments) => choose_k::run(&arguments, &context),
        Command::Train(arguments) => train::run(&arguments, &context).map_err(Failure::from),
        Command::Predict(arguments) => predict::run(&arguments, &context).map_err(Failure::from),
        Command::Evaluate(arguments) => evaluate::run(&arguments, &context).map_err(Failure::from),
        Command::Compare(arguments) => compare::run(&arguments, &context).map_err(Failure::from),
        Command::CompareSegments(arguments) => compare_segments::run(&arguments, &context),
        Command::Explain(arguments) => explain::run(&arguments, &context).map_err(Failure::from),
        Command::Forecast(arguments) => forecast::run(&arguments, &context),
        Command::Backtest(arguments) => backtest::run(&arguments, &context),
        Command::Anomalies(arguments) => anomalies::run(&arguments, &context),
        Command::Decompose(arguments) => decompose::run(&arguments, &context),
        Command::Inspect(arguments) => inspect::run(&arguments, &context).map_err(Failure::from),
        Command::ReportData(arguments) => report_data::run(&arguments, &context).map_err(Failure::from),
        Command::Completions(arguments) => completions::run(&arguments, &context).map_err(Failure::from),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let exit = failure.exit();
            // One line, whatever stands in a cell or a name.
            let said: String = of_standard_input(failure.error())
                .to_string()
                .chars()
                .map(|c| if c.is_control() { ' ' } else { c })
                .collect();
            format::print_error(&format!("adflux: {said}"));
            exit
        }
    }
}

/// The error, with a name in place of the dash that stands for standard input.
fn of_standard_input(error: Error) -> Error {
    match error {
        Error::File { path, source } if path.as_os_str() == "-" => {
            Error::File { path: "standard input".into(), source }
        }
        other => other,
    }
}
