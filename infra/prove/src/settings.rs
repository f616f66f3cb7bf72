//! How proofs are run.

use fastrand::Rng;

/// What the command line says of it.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// As large as the documentation says; otherwise for every change: all proofs together take a few minutes.
    pub full: bool,
    /// What all that is made up comes from, so that a run that failed can be repeated. When something is killed, and what
    /// else happens at the same moment, is another matter.
    pub seed: u64,
}

impl Settings {
    /// What the one or the other form takes.
    pub fn pick<T>(self, quick: T, full: T) -> T {
        if self.full { full } else { quick }
    }

    /// Where a proof draws from.
    pub fn random(self) -> Rng {
        Rng::with_seed(self.seed)
    }

    /// What makes up the same again.
    pub fn arguments(self) -> String {
        let full = self.pick("", " --full");
        format!("--seed {}{full}", self.seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_up_the_same() {
        let [one, again, other] = [7, 7, 8].map(|seed| {
            let mut random = Settings { full: true, seed }.random();
            (random.u64(..), random.u64(..))
        });
        assert_eq!(one, again);
        assert_ne!(one, other);
    }
}
