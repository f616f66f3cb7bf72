//! What happens at Clerk.

use proptest::prelude::*;

/// Few of each, so that they meet.
pub const USERS: usize = 4;
pub const ORGANIZATIONS: usize = 3;
pub const ADDRESSES: usize = 3;
pub const SLUGS: usize = 3;
pub const USER_NAMES: usize = 4;
pub const ORGANIZATION_NAMES: usize = 3;

/// Something that happens.
#[derive(Clone, Debug)]
pub struct Step {
    /// Milliseconds since the step before; 0 makes both happen at the same time.
    pub gap: i64,
    /// Milliseconds until Clerk makes the event: fewer than any gap but none.
    pub lag: i64,
    pub action: Action,
}

/// What it is. People, organizations and so on go by their numbers.
#[derive(Clone, Debug)]
pub enum Action {
    /// Signs up, or changes.
    SaveUser {
        user: usize,
        name: usize,
        address: Option<usize>,
        verified: bool,
    },
    DeleteUser {
        user: usize,
        tells_memberships: bool,
    },
    SaveOrganization {
        organization: usize,
        name: usize,
        slug: Option<usize>,
        creator: usize,
    },
    SwapSlugs {
        one: usize,
        other: usize,
    },
    DeleteOrganization {
        organization: usize,
        tells_memberships: bool,
    },
    Join {
        organization: usize,
        user: usize,
        admin: bool,
    },
    ChangeRole {
        organization: usize,
        user: usize,
    },
    Leave {
        organization: usize,
        user: usize,
    },
    AcceptInvitation {
        organization: usize,
        user: usize,
        admin: bool,
        tells_membership: bool,
    },
}

/// Any step.
pub fn steps() -> impl Strategy<Value = Step> {
    let (user, organization) = (0..USERS, 0..ORGANIZATIONS);
    let (name, admin, tells) = (0..ORGANIZATION_NAMES, any::<bool>(), any::<bool>());
    let address = prop::option::weighted(0.8, 0..ADDRESSES);
    let slug = prop::option::weighted(0.8, 0..SLUGS);
    let both = (organization.clone(), user.clone());
    let action = prop_oneof![
        5 => (user.clone(), 0..USER_NAMES, address, prop::bool::weighted(0.8)).prop_map(|(user, name, address, verified)| {
            Action::SaveUser { user, name, address, verified }
        }),
        1 => (user.clone(), tells).prop_map(|(user, tells_memberships)| Action::DeleteUser { user, tells_memberships }),
        3 => (organization.clone(), name, slug, user).prop_map(|(organization, name, slug, creator)| {
            Action::SaveOrganization { organization, name, slug, creator }
        }),
        1 => (organization.clone(), organization.clone()).prop_map(|(one, other)| Action::SwapSlugs { one, other }),
        1 => (organization, tells).prop_map(|(organization, tells_memberships)| {
            Action::DeleteOrganization { organization, tells_memberships }
        }),
        5 => (both.clone(), admin).prop_map(|((organization, user), admin)| Action::Join { organization, user, admin }),
        2 => both.clone().prop_map(|(organization, user)| Action::ChangeRole { organization, user }),
        4 => both.clone().prop_map(|(organization, user)| Action::Leave { organization, user }),
        2 => (both, admin, tells).prop_map(|((organization, user), admin, tells_membership)| {
            Action::AcceptInvitation { organization, user, admin, tells_membership }
        }),
    ];
    let gap = prop_oneof![1 => Just(0), 20 => Just(5), 4 => Just(60_000)];
    (gap, 0..4_i64, action).prop_map(|(gap, lag, action)| Step { gap, lag, action })
}
