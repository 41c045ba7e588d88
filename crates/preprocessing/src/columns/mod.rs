//! [`ColumnTransformer`]: the columns of a frame to features, each group of columns its own way.

mod assemble;
mod auto;
mod fitted;
mod lists;
mod read;

pub use fitted::{FittedBranch, FittedColumnTransformer};
pub use read::ReadAs;

use crate::step::each;
use adflux_core::{
    AnyTransformRecipe, Component, Context, Describe as _, Error, Features, Fit, FitTransform, Recipe, Registry,
    Result, Spec, Training, Transform, component::decode,
};
use adflux_data::{ColumnKind, Frame, Role};
use assemble::Layout;
use read::Source;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

const KIND: &str = "column-transformer";
const BRANCH: &str = "branch";

/// Some columns of a frame, how they are read, and the steps they go through.
///
/// Numeric, boolean and date columns (in days since 1970) are read together as one dense block, where a missing value is NaN;
/// text columns each as a block of categories. [`as_text`](Branch::as_text), [`as_categories`](Branch::as_categories),
/// [`as_numbers`](Branch::as_numbers) and [`as_times`](Branch::as_times) read all columns of the branch that way instead.
#[derive(Clone, Debug)]
pub struct Branch {
    name: String,
    columns: Vec<String>,
    read: ReadAs,
    steps: Vec<AnyTransformRecipe<Features, Features>>,
}

impl Branch {
    /// A branch that hands on `columns` as they are read. `name` shows in messages.
    pub fn new<S: Into<String>>(name: impl Into<String>, columns: impl IntoIterator<Item = S>) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        Branch { name: name.into(), columns, read: ReadAs::Auto, steps: Vec::new() }
    }

    /// Adds a step behind the others.
    pub fn step<R>(self, recipe: R) -> Self
    where
        R: Recipe + FitTransform<Features>,
        R::Fitted: Component + Transform<Features, Output = Features>,
    {
        self.boxed_step(AnyTransformRecipe::new(recipe))
    }

    /// Adds a step that is in a box already.
    pub fn boxed_step(mut self, recipe: AnyTransformRecipe<Features, Features>) -> Self {
        self.steps.push(recipe);
        self
    }

    /// Reads every column as text: what [`TfidfVectorizer`](crate::TfidfVectorizer) takes.
    pub fn as_text(mut self) -> Self {
        self.read = ReadAs::Text;
        self
    }

    /// Reads every column as categories, numbers too: for codes such as `campaign_id`.
    pub fn as_categories(mut self) -> Self {
        self.read = ReadAs::Categories;
        self
    }

    /// Reads every column as numbers; text is parsed.
    pub fn as_numbers(mut self) -> Self {
        self.read = ReadAs::Numbers;
        self
    }

    /// Reads every column as dates, those that stand as text too: what [`DateFeatures`](crate::DateFeatures) takes.
    pub fn as_times(mut self) -> Self {
        self.read = ReadAs::Times;
        self
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The columns it takes.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }
}

/// What becomes of the feature columns that no branch takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remainder {
    /// They are left out.
    #[default]
    Drop,
    /// Numeric and boolean columns are handed on as they are; others are an error, so that none goes missing unseen.
    /// Columns whose [`Role`] is not `Feature` are left out.
    Passthrough,
}

/// Turns a frame into features: each [`Branch`] takes some columns through its own steps, and what comes out is put side by
/// side, all dense blocks as one and all sparse blocks as another.
///
/// Features keep the names that the steps give them; a name that comes out twice is an error. (scikit-learn's
/// `ColumnTransformer` puts the branch before each name; here columns carry their lineage instead.) At prediction,
/// columns are found by name; further columns are ignored, missing ones are listed all at once. Branches run in
/// parallel; the result does not depend on the number of threads.
///
/// ```
/// use adflux_core::{Fit, Training, Transform};
/// use adflux_data::Frame;
/// use adflux_preprocessing::{Branch, ColumnTransformer, OneHotEncoder, SimpleImputer, StandardScaler, TfidfVectorizer};
///
/// let ads = Frame::builder()
///     .optional_numbers("budget", vec![Some(100.0), None, Some(300.0)])
///     .texts("platform", ["META", "GOOGLE", "META"])
///     .texts("title", ["Java developer", "Sales manager", "Developer (remote)"])
///     .build()?;
/// let preprocessor = ColumnTransformer::new()
///     .branch(Branch::new("numeric", ["budget"]).step(SimpleImputer::default()).step(StandardScaler::default()))
///     .branch(Branch::new("categorical", ["platform"]).step(OneHotEncoder::default()))
///     .branch(Branch::new("title", ["title"]).as_text().step(TfidfVectorizer::default().max_features(1)))
///     .fit(Training::new(ads.clone()))?;
/// let names: Vec<&str> = preprocessor.feature_names().collect();
/// assert_eq!(names, ["budget", "platform=GOOGLE", "platform=META", "title:developer"]);
/// assert_eq!(preprocessor.transform(ads)?.rows(), 3);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// In a file, each branch is a step of kind `branch`:
///
/// ```toml
/// kind = "column-transformer"
/// params = { remainder = "drop" }
///
/// [[steps]]
/// kind = "branch"
/// params = { name = "title", columns = ["title"], read = "text" }
/// steps = [{ kind = "tfidf-vectorizer", params = { min_df = 2 } }]
/// ```
#[derive(Clone, Debug, Default)]
pub struct ColumnTransformer {
    branches: Vec<Branch>,
    remainder: Remainder,
}

impl ColumnTransformer {
    /// A transformer without branches.
    pub fn new() -> Self {
        ColumnTransformer::default()
    }

    /// Adds a branch; its features come behind those of the branches before.
    pub fn branch(mut self, branch: Branch) -> Self {
        self.branches.push(branch);
        self
    }

    /// What becomes of the columns that no branch takes.
    pub fn remainder(mut self, remainder: Remainder) -> Self {
        self.remainder = remainder;
        self
    }

    /// The branches, in order.
    pub fn branches(&self) -> &[Branch] {
        &self.branches
    }

    fn check(&self, frame: &Frame) -> Result<()> {
        let mut names = HashSet::new();
        for branch in &self.branches {
            if !names.insert(branch.name.as_str()) {
                return Err(Error::parameter("name", &branch.name, "two branches are called this: rename one"));
            }
            if branch.columns.is_empty() {
                return Err(Error::parameter(
                    "columns",
                    &branch.columns,
                    format!("of branch `{}`: name at least one", branch.name),
                ));
            }
            let mut columns = HashSet::new();
            if let Some(twice) = branch.columns.iter().find(|c| !columns.insert(c.as_str())) {
                return Err(Error::column(twice, format!("named twice in branch `{}`", branch.name)));
            }
        }
        let wanted: Vec<&String> = self.branches.iter().flat_map(|b| &b.columns).collect();
        frame.require(&wanted)?;
        match wanted.iter().find(|c| frame.role(c) == Role::Sensitive) {
            Some(column) => Err(Error::column(
                *column,
                "is sensitive: leave it out, or give it the role of a feature if it is to be learned from",
            )),
            None => Ok(()),
        }
    }

    /// The branch of the columns that no other takes, if they are wanted.
    fn passthrough(&self, frame: &Frame) -> Result<Option<Branch>> {
        if self.remainder == Remainder::Drop {
            return Ok(None);
        }
        let taken: HashSet<&str> = self.branches.iter().flat_map(|b| &b.columns).map(String::as_str).collect();
        let rest: Vec<&str> = frame.names_with(Role::Feature).into_iter().filter(|c| !taken.contains(c)).collect();
        for column in &rest {
            let kind = frame.kind_of(column)?;
            if !matches!(kind, ColumnKind::Number | ColumnKind::Boolean) {
                let reason = format!(
                    "no branch takes it, and `passthrough` hands on numbers only, not {kind}: add it to a branch"
                );
                return Err(Error::column(*column, reason));
            }
        }
        Ok((!rest.is_empty()).then(|| Branch::new("remainder", rest)))
    }

    fn learn(&self, data: Training<Frame>, context: &Context) -> Result<(FittedColumnTransformer, Features)> {
        data.validate()?;
        let (frame, rest) = data.split();
        self.check(&frame)?;
        let remainder = self.passthrough(&frame)?;
        let branches: Vec<&Branch> = self.branches.iter().chain(&remainder).collect();
        if branches.is_empty() {
            return Err(Error::data("there are no branches: add one with `branch`, or pass the remainder through"));
        }
        let learned = each(frame.rows(), &branches, |branch| branch.learn(&frame, &rest, context));
        let (mut fitted, mut blocks) = (Vec::with_capacity(branches.len()), Vec::with_capacity(branches.len()));
        for branch in learned {
            let (branch, features) = branch?;
            fitted.push(branch);
            blocks.extend(features.into_blocks());
        }
        context.check()?;
        let layout = Layout::of(&blocks);
        let features = layout.assemble(frame.rows(), blocks)?;
        // The one check of names; transforming relies on it.
        let features = Features::new(features.rows(), features.into_blocks())?;
        Ok((FittedColumnTransformer::new(fitted, layout), features))
    }
}

impl Branch {
    fn learn(&self, frame: &Frame, rest: &Training<()>, context: &Context) -> Result<(FittedBranch, Features)> {
        context.check()?;
        let sources = Source::choose(&self.columns, self.read, frame)?;
        let mut x = read::read(&sources, frame)?;
        let mut steps = Vec::with_capacity(self.steps.len());
        for (i, step) in self.steps.iter().enumerate() {
            let data = rest.clone().replace(x);
            let (fitted, output) = step
                .fit_transform(data, context)
                .map_err(|e| e.in_step(i + 1, format!("{}/{}", self.name, step.kind())))?;
            steps.push(fitted);
            x = output;
        }
        Ok((FittedBranch { name: self.name.clone(), sources, steps }, x))
    }
}

impl Fit<Training<Frame>> for ColumnTransformer {
    type Fitted = FittedColumnTransformer;

    fn fit_with(&self, data: Training<Frame>, context: &Context) -> Result<FittedColumnTransformer> {
        context.run(|| Ok(self.learn(data, context)?.0))
    }
}

impl FitTransform<Frame> for ColumnTransformer {
    fn fit_transform(&self, data: Training<Frame>, context: &Context) -> Result<(FittedColumnTransformer, Features)> {
        context.run(|| self.learn(data, context))
    }
}

#[derive(Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Params {
    remainder: Remainder,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BranchParams {
    name: String,
    columns: Vec<String>,
    #[serde(default, skip_serializing_if = "ReadAs::is_auto")]
    read: ReadAs,
}

impl Recipe for ColumnTransformer {
    const KIND: &'static str = KIND;

    fn spec(&self) -> Result<Spec> {
        let mut spec = Spec::of(KIND, &Params { remainder: self.remainder })?;
        spec.steps = self.branches.iter().map(Branch::spec).collect::<Result<_>>()?;
        Ok(spec)
    }

    fn from_spec(spec: &Spec, registry: &Registry) -> Result<Self> {
        let Params { remainder } = spec.params()?;
        let branches = spec.steps.iter().map(|step| Branch::from_spec(step, registry)).collect::<Result<_>>()?;
        Ok(ColumnTransformer { branches, remainder })
    }
}

impl Branch {
    fn spec(&self) -> Result<Spec> {
        let params = BranchParams { name: self.name.clone(), columns: self.columns.clone(), read: self.read };
        let mut spec = Spec::of(BRANCH, &params)?;
        spec.steps = self.steps.iter().map(|step| step.describe()).collect::<Result<_>>()?;
        Ok(spec)
    }

    fn from_spec(spec: &Spec, registry: &Registry) -> Result<Self> {
        if spec.kind != BRANCH {
            let reason = format!(
                "its steps are of kind `{BRANCH}`, which hold the steps for some columns; this is a `{}`",
                spec.kind
            );
            return Err(Error::Spec { kind: KIND.into(), reason });
        }
        let BranchParams { name, columns, read } = spec.params()?;
        let steps = spec.steps.iter().map(|step| registry.build(step)).collect::<Result<_>>()?;
        Ok(Branch { name, columns, read, steps })
    }
}

impl Component for FittedColumnTransformer {
    const KIND: &'static str = KIND;

    fn state(&self) -> Result<Vec<u8>> {
        self.to_state()
    }

    fn inputs(&self) -> Vec<String> {
        FittedColumnTransformer::inputs(self).into_iter().map(str::to_string).collect()
    }

    fn from_state(_: u32, state: &[u8], registry: &Registry) -> Result<Self> {
        FittedColumnTransformer::load(decode(KIND, state)?, registry)
    }
}
