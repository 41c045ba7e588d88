//! What is known of the surroundings of clusters, so that most nearest neighbours are found without a scan.
//!
//! Of each cluster a few neighbours are listed, with a radius: everything else is at least so far. Merges elsewhere keep both true,
//! with a merged cluster in place of its parts, because Ward's distance is reducible: a merged cluster is never nearer than the nearer
//! of its parts was. When two clusters merge, the list of the new one is made of theirs, and its radius follows from theirs by the
//! recurrence of Lance and Williams (1967).

/// Neighbours that are listed of each cluster.
pub(super) const LISTED: usize = 16;

/// The lists and radii of all clusters, by name.
pub(super) struct Neighbours {
    names: Vec<[u32; LISTED]>,
    counts: Vec<u8>,
    /// Squared distances.
    radii: Vec<f64>,
    /// The name of the cluster that each was merged into, or its own.
    into: Vec<u32>,
}

impl Neighbours {
    /// Of `count` clusters, of which nothing is known.
    pub(super) fn new(count: usize) -> Self {
        Neighbours {
            names: vec![[0; LISTED]; count],
            counts: vec![0; count],
            radii: vec![0.0; count],
            into: (0..count as u32).collect(),
        }
    }

    /// Notes the neighbours of a cluster and how far everything else is at least.
    pub(super) fn set(&mut self, of: u32, neighbours: impl Iterator<Item = u32>, radius: f64) {
        let mut count = 0;
        for (to, name) in self.names[of as usize].iter_mut().zip(neighbours) {
            *to = name;
            count += 1;
        }
        self.counts[of as usize] = count;
        self.radii[of as usize] = radius;
    }

    pub(super) fn radius(&self, of: u32) -> f64 {
        self.radii[of as usize]
    }

    /// Adds what has become of a cluster's neighbours to `to`, each once.
    pub(super) fn collect(&mut self, of: u32, to: &mut Vec<u32>) {
        let names = self.names[of as usize];
        for name in &names[..usize::from(self.counts[of as usize])] {
            let now = self.now(*name);
            if now != of && !to.contains(&now) {
                to.push(now);
            }
        }
    }

    /// The cluster that a name has become part of.
    fn now(&mut self, name: u32) -> u32 {
        let mut last = name;
        while self.into[last as usize] != last {
            last = self.into[last as usize];
        }
        let mut name = name;
        while self.into[name as usize] != last {
            name = std::mem::replace(&mut self.into[name as usize], last);
        }
        last
    }

    /// `gone` has become part of `kept`, whose list and radius are to be set anew.
    pub(super) fn merge(&mut self, gone: u32, kept: u32) {
        self.into[gone as usize] = kept;
    }
}

/// The least squared distance of a merged cluster to what was beyond the radii of both of its parts, for parts of masses a and b.
pub(super) fn merged_radius((a, radius_a): (f64, f64), (b, radius_b): (f64, f64), between: f64) -> f64 {
    // ((a + c) r + (b + c) s − c t) / (a + b + c), which goes one way as the mass c of the other goes from nothing to anything.
    let nothing = (a * radius_a + b * radius_b) / (a + b);
    nothing.min(radius_a + radius_b - between)
}

/// The nearest so far: squared distance and place, the nearest first, the first place of equals first.
#[derive(Clone, Copy)]
pub(super) struct Nearest {
    found: [(f64, usize); LISTED],
    count: usize,
}

impl Nearest {
    pub(super) fn new() -> Self {
        Nearest { found: [(f64::INFINITY, usize::MAX); LISTED], count: 0 }
    }

    /// What is not nearer is not kept.
    #[inline(always)]
    pub(super) fn worst(&self) -> f64 {
        self.found[LISTED - 1].0
    }

    /// Keeps what is nearer than the worst. Places must ascend from call to call.
    #[inline(always)]
    pub(super) fn offer(&mut self, distance: f64, place: usize) {
        if distance < self.worst() {
            let mut at = LISTED - 1;
            while at > 0 && distance < self.found[at - 1].0 {
                self.found[at] = self.found[at - 1];
                at -= 1;
            }
            self.found[at] = (distance, place);
            self.count = (self.count + 1).min(LISTED);
        }
    }

    /// Takes what another found at later places.
    pub(super) fn join(mut self, later: Nearest) -> Self {
        later.found().iter().for_each(|(distance, place)| self.offer(*distance, *place));
        self
    }

    pub(super) fn found(&self) -> &[(f64, usize)] {
        &self.found[..self.count]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_are_kept_in_their_order() {
        let mut first = Nearest::new();
        (0..20).for_each(|place| first.offer(((place * 7) % 20) as f64, place));
        assert_eq!(first.found().len(), LISTED);
        assert!(first.found().iter().enumerate().all(|(i, (distance, _))| *distance == i as f64));
        assert_eq!(first.worst(), 15.0);
        let mut later = Nearest::new();
        later.offer(3.0, 50);
        let joined = first.join(later);
        assert_eq!(joined.found()[3..5], [(3.0, 9), (3.0, 50)], "the first place of equals first");
        assert_eq!(joined.worst(), 14.0);
    }

    #[test]
    fn names_follow_their_clusters() {
        let mut neighbours = Neighbours::new(6);
        neighbours.set(0, [1, 2, 3, 5].into_iter(), 9.0);
        neighbours.merge(1, 2);
        neighbours.merge(2, 4);
        let mut now = Vec::new();
        neighbours.collect(0, &mut now);
        assert_eq!(now, [4, 3, 5]);
        neighbours.merge(0, 5);
        neighbours.set(5, [4, 0].into_iter(), 9.0);
        now.clear();
        neighbours.collect(5, &mut now);
        assert_eq!(now, [4], "not itself");
    }
}
