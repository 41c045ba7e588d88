//! Running a search.

use super::{
    Candidate, Evaluation, Method, Search, Space, Trial,
    fresh::{Tried, fresh},
    grid, halving,
    log::Log,
    tpe,
};
use adflux_core::{Context, Error, Result, random::stream};
use serde::{Deserialize, Serialize};
use std::{
    cmp::Ordering,
    path::{Path, PathBuf},
    time::Instant,
};
use toml::Table;

/// Which values of the objective are good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Goal {
    /// Small ones.
    Minimize,
    /// Large ones.
    Maximize,
}

impl Goal {
    /// The better trial first, failed ones last, of equals the earlier.
    pub(super) fn order(self, a: &Trial, b: &Trial) -> Ordering {
        let by_value = match (a.value, b.value) {
            (Some(a), Some(b)) => match self {
                Goal::Minimize => a.total_cmp(&b),
                Goal::Maximize => b.total_cmp(&a),
            },
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        by_value.then(a.number.cmp(&b.number))
    }
}

/// A [`Search`] over a [`Space`], ready to be run: made by [`Search::study`].
#[derive(Clone, Debug)]
pub struct Study<'a> {
    search: &'a Search,
    space: &'a Space,
    log: Option<(PathBuf, String)>,
}

impl<'a> Study<'a> {
    pub(super) fn new(search: &'a Search, space: &'a Space) -> Self {
        Study { search, space, log: None }
    }

    /// Writes every trial to a file as soon as it is done, one JSON object a line, and first reads what is there: the search goes on
    /// where it was stopped, with the same points as if it had not been. A last line that was only half written is dropped.
    ///
    /// `subject` says what the objective judges by, such as a fingerprint of the data and the recipe: a file of another subject,
    /// space, goal or search is refused. More `trials` and other `max_seconds` are no other search (of successive halving, more
    /// `trials` are).
    pub fn log(mut self, path: impl AsRef<Path>, subject: impl Into<String>) -> Self {
        self.log = Some((path.as_ref().to_path_buf(), subject.into()));
        self
    }

    /// Looks for the smallest value of `objective`.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn minimize<F>(&self, objective: F, context: &Context) -> Result<Found>
    where
        F: FnMut(&Candidate, &Context) -> Result<Evaluation>,
    {
        self.run(Goal::Minimize, objective, context)
    }

    /// Looks for the largest value of `objective`.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn maximize<F>(&self, objective: F, context: &Context) -> Result<Found>
    where
        F: FnMut(&Candidate, &Context) -> Result<Evaluation>,
    {
        self.run(Goal::Maximize, objective, context)
    }

    /// Tries point after point. A trial whose objective fails, or gives a value that is not finite, is recorded with the reason,
    /// and the search goes on. The objective is given a context of its own ("trial 3").
    ///
    /// # Errors
    /// When a parameter of the search or a dimension cannot be, the log is of another search or cannot be written, every trial
    /// failed (with the reason of the first), or the work is cancelled (then the log has what was done).
    pub fn run<F>(&self, goal: Goal, mut objective: F, context: &Context) -> Result<Found>
    where
        F: FnMut(&Candidate, &Context) -> Result<Evaluation>,
    {
        self.check()?;
        let (mut log, recorded) = match &self.log {
            Some((path, subject)) => {
                let (log, trials) = Log::open(path, self.search, self.space, goal, subject)?;
                (Some(log), trials)
            }
            None => (None, Vec::new()),
        };
        let resumed = recorded.len();
        let mut recorded = recorded.into_iter();
        let mut trials: Vec<Trial> = Vec::new();
        let mut tried = Tried::default();
        let mut seconds = 0.0;
        let mut out_of_time = false;
        while let Some((point, budget)) = self.propose(goal, &trials, &tried) {
            context.check()?;
            if self.search.max_seconds.is_some_and(|most| seconds >= most) {
                out_of_time = true;
                break;
            }
            let number = trials.len();
            let trial = match recorded.next() {
                Some(trial) => self.same(trial, number, &point, budget)?,
                None => {
                    let context = context.labelled(&format!("trial {}", number + 1));
                    let trial = judged(Candidate { number, point, budget }, &mut objective, &context)?;
                    log.as_mut().map_or(Ok(()), |log| log.append(&trial))?;
                    trial
                }
            };
            seconds += trial.seconds;
            tried.add(&trial.point);
            trials.push(trial);
            context.report("search", trials.len() as u64, Some(self.planned() as u64));
        }
        let counting = trials.iter().filter(|trial| self.counts(trial));
        let best =
            counting.min_by(|a, b| goal.order(a, b)).filter(|trial| trial.value.is_some()).map(|trial| trial.number);
        match best {
            Some(best) => Ok(Found { goal, best, resumed: resumed.min(trials.len()), out_of_time, trials }),
            None if out_of_time && trials.iter().any(|trial| trial.value.is_some()) => Err(Error::parameter(
                "max_seconds",
                self.search.max_seconds.unwrap_or_default(),
                "the time was over before a point was judged on all: allow more",
            )),
            None => {
                let first = trials.iter().find_map(|trial| trial.error.clone()).unwrap_or_default();
                Err(Error::data(format!("none of {} trials could be judged; the first: {first}", trials.len())))
            }
        }
    }

    /// Whether the search can be run at all; what [`run`](Self::run) checks first.
    ///
    /// # Errors
    /// When a parameter of the search or a dimension of the space cannot be.
    pub fn check(&self) -> Result<()> {
        self.search.check()?;
        self.space.check()?;
        if self.search.method == Method::Grid { grid::check(self.search, self.space) } else { Ok(()) }
    }

    /// How many trials there will be at most.
    fn planned(&self) -> usize {
        match self.search.method {
            Method::Halving => self.search.halving.rungs(self.search.trials).iter().map(|(points, _)| points).sum(),
            _ => self.search.trials,
        }
    }

    /// The next point and its budget; `None` when the search is over.
    fn propose(&self, goal: Goal, done: &[Trial], tried: &Tried) -> Option<(Table, f64)> {
        let (search, space) = (self.search, self.space);
        if search.method != Method::Halving && done.len() >= search.trials {
            return None;
        }
        let point = match search.method {
            Method::Grid => grid::propose(search, space, done.len()),
            Method::Random => {
                let mut random = stream(search.seed, &[done.len() as u64]);
                fresh(space, tried, &mut random, |random| space.draw(random))
            }
            Method::Tpe => tpe::propose(search, space, goal, done, tried),
            Method::Halving => return halving::propose(search, space, goal, done, tried),
        };
        Some((point?, 1.0))
    }

    /// A trial of the log, which must be the one that would be tried now.
    fn same(&self, trial: Trial, number: usize, point: &Table, budget: f64) -> Result<Trial> {
        if trial.number == number && trial.point == *point && trial.budget == budget {
            return Ok(trial);
        }
        let error =
            Error::data(format!("trial {} is not the one that this search tries there: give another log", number + 1));
        Err(match &self.log {
            Some((path, _)) => error.in_file(path),
            None => error,
        })
    }

    /// Whether a trial can be the best: it was given all of the resource.
    fn counts(&self, trial: &Trial) -> bool {
        trial.budget >= 1.0
    }
}

fn judged<F>(candidate: Candidate, objective: &mut F, context: &Context) -> Result<Trial>
where
    F: FnMut(&Candidate, &Context) -> Result<Evaluation>,
{
    let start = Instant::now();
    let (value, deviation, error) = match objective(&candidate, context) {
        Ok(Evaluation { value, deviation }) if value.is_finite() => {
            (Some(value), deviation.filter(|deviation| deviation.is_finite()), None)
        }
        Ok(Evaluation { value, .. }) => {
            (None, None, Some(format!("the score is {value}, which is not defined or not finite")))
        }
        Err(Error::Cancelled) => return Err(Error::Cancelled),
        Err(error) => (None, None, Some(error.to_string())),
    };
    let Candidate { number, point, budget } = candidate;
    Ok(Trial { number, point, budget, value, deviation, error, seconds: start.elapsed().as_secs_f64() })
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Every trial, in the order they were made.
    pub trials: Vec<Trial>,
    /// Which values are good.
    pub goal: Goal,
    /// How many of the trials came from the log.
    pub resumed: usize,
    /// Whether the time was over before the trials were.
    pub out_of_time: bool,
    best: usize,
}

impl Found {
    /// The best trial; of equals the earliest. In successive halving only points that were given all of the resource count.
    pub fn best(&self) -> &Trial {
        &self.trials[self.best]
    }

    /// The trials, the best first, failed ones last.
    pub fn ranked(&self) -> Vec<&Trial> {
        let mut all: Vec<&Trial> = self.trials.iter().collect();
        all.sort_by(|a, b| b.budget.total_cmp(&a.budget).then_with(|| self.goal.order(a, b)));
        all
    }

    /// How many trials failed.
    pub fn failed(&self) -> usize {
        self.trials.iter().filter(|trial| trial.value.is_none()).count()
    }
}
