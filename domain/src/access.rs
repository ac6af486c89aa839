//! Who may do what: sets of permissions, asked by the use cases, never by a view alone. The roles here come with a set;
//! a municipality changes it or makes roles of its own.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a member of staff is in this municipality.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Settings, staff and roles; sees figures but no registers by default.
    Administrator,
    /// Register lists and letters. Whoever keeps the register sees its blocks (§§ 51, 52 BMG).
    RegistryOfficer,
    /// Makes and posts letters; people with a register block do not exist for this role.
    LetterOfficer,
    /// Cases and look-ups.
    Clerk,
    /// Reads the audit log, nothing else.
    Auditor,
}

impl Role {
    /// All roles, in the order in which they are offered.
    pub const ALL: [Role; 5] = [
        Role::Administrator,
        Role::RegistryOfficer,
        Role::LetterOfficer,
        Role::Clerk,
        Role::Auditor,
    ];

    /// The stored name; also the key of the name on screen (`role-…`).
    pub fn key(self) -> &'static str {
        match self {
            Role::Administrator => "administrator",
            Role::RegistryOfficer => "registry_officer",
            Role::LetterOfficer => "letter_officer",
            Role::Clerk => "clerk",
            Role::Auditor => "auditor",
        }
    }

    /// The role with this stored name.
    pub fn parse(key: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|r| r.key() == key)
    }

    /// What the role may do as long as the municipality does not say otherwise.
    pub const fn permissions(self) -> Permissions {
        use Permission as P;
        match self {
            Role::Administrator => Permissions::of(&[
                P::SeeDashboard,
                P::SeeLetters,
                P::SetUpLetters,
                P::ChangeSettings,
                P::ManageStaff,
                P::ReadAudit,
                P::SetUpCases,
            ]),
            Role::RegistryOfficer => Permissions::of(&[
                P::SeeDashboard,
                P::SeeResidents,
                P::ImportResidents,
                P::SeeBlocks,
                P::SeeLetters,
                P::MakeLetters,
                P::SetUpLetters,
                P::SeeCases,
                P::DecideCases,
                P::ManageOrganisations,
                P::ManageSurveys,
                P::Moderate,
            ]),
            Role::LetterOfficer => {
                Permissions::of(&[P::SeeDashboard, P::SeeResidents, P::SeeLetters, P::MakeLetters])
            }
            Role::Clerk => Permissions::of(&[
                P::SeeDashboard,
                P::SeeResidents,
                P::SeeLetters,
                P::SeeCases,
                P::DecideCases,
                P::ManageOrganisations,
                P::ManageSurveys,
                P::Moderate,
            ]),
            Role::Auditor => Permissions::of(&[P::SeeDashboard, P::ReadAudit]),
        }
    }
}

/// Something that staff may be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Permission {
    /// Open the staff area and its figures.
    SeeDashboard,
    /// Search and open residents.
    SeeResidents,
    /// Upload, check and apply resident lists; add, change and remove people. Needs [`Permission::SeeBlocks`] too: what
    /// the register says to a list would tell who is in it.
    ImportResidents,
    /// See who has a register block, and everything that would tell it: the person, the row of a list, the letter.
    SeeBlocks,
    /// See batches and the state of letters.
    SeeLetters,
    /// Make, download, post and revoke letters; note letters that came back.
    MakeLetters,
    /// Edit templates and control recipients.
    SetUpLetters,
    /// Change the municipality's settings, texts and registration methods.
    ChangeSettings,
    /// Add staff, change roles, deactivate staff.
    ManageStaff,
    /// Read the audit log.
    ReadAudit,
    /// See cases and what is in them.
    SeeCases,
    /// Work on cases: take over, ask, write, look at pictures, decide.
    DecideCases,
    /// Teams, and texts for answers.
    SetUpCases,
    /// Organisations: letters to them, their public entries, taking them off the public pages.
    ManageOrganisations,
    /// Surveys: writing, releasing, publishing their results.
    ManageSurveys,
    /// What people write in the open: reports, hiding, house rules kept.
    Moderate,
}

impl Permission {
    /// All permissions.
    pub const ALL: [Permission; 16] = [
        Permission::SeeDashboard,
        Permission::SeeResidents,
        Permission::ImportResidents,
        Permission::SeeBlocks,
        Permission::SeeLetters,
        Permission::MakeLetters,
        Permission::SetUpLetters,
        Permission::ChangeSettings,
        Permission::ManageStaff,
        Permission::ReadAudit,
        Permission::SeeCases,
        Permission::DecideCases,
        Permission::SetUpCases,
        Permission::ManageOrganisations,
        Permission::ManageSurveys,
        Permission::Moderate,
    ];

    /// The stored name; also the key of the words on screen (`permission-…`).
    pub fn key(self) -> &'static str {
        match self {
            Permission::SeeDashboard => "see-dashboard",
            Permission::SeeResidents => "see-residents",
            Permission::ImportResidents => "import-residents",
            Permission::SeeBlocks => "see-blocks",
            Permission::SeeLetters => "see-letters",
            Permission::MakeLetters => "make-letters",
            Permission::SetUpLetters => "set-up-letters",
            Permission::ChangeSettings => "change-settings",
            Permission::ManageStaff => "manage-staff",
            Permission::ReadAudit => "read-audit",
            Permission::SeeCases => "see-cases",
            Permission::DecideCases => "decide-cases",
            Permission::SetUpCases => "set-up-cases",
            Permission::ManageOrganisations => "manage-organisations",
            Permission::ManageSurveys => "manage-surveys",
            Permission::Moderate => "moderate",
        }
    }

    /// The permission with this stored name.
    pub fn parse(key: &str) -> Option<Permission> {
        Permission::ALL.into_iter().find(|p| p.key() == key)
    }
}

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permissions(u32);

impl Permissions {
    /// None.
    pub const NONE: Permissions = Permissions(0);

    /// These.
    pub const fn of(all: &[Permission]) -> Permissions {
        let mut bits = 0;
        let mut i = 0;
        while i < all.len() {
            bits |= 1 << all[i] as u32;
            i += 1;
        }
        Permissions(bits)
    }

    /// Is it among them?
    pub const fn has(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u32) != 0
    }

    /// With one more.
    #[must_use]
    pub const fn with(self, permission: Permission) -> Permissions {
        Permissions(self.0 | 1 << permission as u32)
    }

    /// Without one.
    #[must_use]
    pub const fn without(self, permission: Permission) -> Permissions {
        Permissions(self.0 & !(1 << permission as u32))
    }

    /// In the order of [`Permission::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |p| self.has(*p))
    }

    /// As it is stored: keys with spaces between them.
    pub fn stored(self) -> String {
        self.iter().map(Permission::key).collect::<Vec<_>>().join(" ")
    }

    /// From what is stored; a key that no version knows any more is left out.
    pub fn parse(stored: &str) -> Permissions {
        let bits = stored
            .split_whitespace()
            .filter_map(Permission::parse)
            .fold(Permissions::NONE, Permissions::with);
        bits.with(Permission::SeeDashboard)
    }

    /// Permissions that mean nothing without others: (what is there, what is missing).
    pub fn gaps(self) -> Vec<(Permission, Permission)> {
        use Permission as P;
        [
            (P::ImportResidents, P::SeeResidents),
            (P::ImportResidents, P::SeeBlocks),
            (P::SeeBlocks, P::SeeResidents),
            (P::MakeLetters, P::SeeLetters),
            (P::MakeLetters, P::SeeResidents),
            (P::DecideCases, P::SeeCases),
        ]
        .into_iter()
        .filter(|(there, needed)| self.has(*there) && !self.has(*needed))
        .collect()
    }
}

/// Who manages the team could give away every other permission: it stays with the administrators, who cannot lose it.
pub const FOR_ADMINISTRATORS: Permission = Permission::ManageStaff;

/// A role of this municipality: one of [`Role::ALL`], perhaps with other permissions, or one of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffRole {
    /// The stored key.
    pub key: String,
    /// Name of a role of the municipality's own; empty for those of [`Role::ALL`], whose names are texts.
    pub name: String,
    /// What it may do.
    pub permissions: Permissions,
}

impl StaffRole {
    /// Is it one of [`Role::ALL`]?
    pub fn built_in(&self) -> Option<Role> {
        Role::parse(&self.key)
    }

    /// What a role may do: as the municipality stored it, or as it comes. A role that is not known may do nothing.
    pub fn granted(key: &str, stored: Option<&str>) -> Permissions {
        match (stored, Role::parse(key)) {
            (Some(stored), _) => Self::settled(key, Permissions::parse(stored)),
            (None, Some(role)) => role.permissions(),
            (None, None) => Permissions::NONE,
        }
    }

    /// These permissions for a role: everybody sees the dashboard, and [`FOR_ADMINISTRATORS`] goes nowhere else.
    pub fn settled(key: &str, permissions: Permissions) -> Permissions {
        let permissions = permissions.with(Permission::SeeDashboard);
        if key == Role::Administrator.key() {
            permissions.with(FOR_ADMINISTRATORS)
        } else {
            permissions.without(FOR_ADMINISTRATORS)
        }
    }
}

impl From<Role> for StaffRole {
    fn from(role: Role) -> Self {
        StaffRole {
            key: role.key().to_owned(),
            name: String::new(),
            permissions: role.permissions(),
        }
    }
}

/// Who acts: given to every use case that writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A member of staff.
    Staff {
        /// The account.
        account: Uuid,
        /// What the role may do, at the time of the request.
        permissions: Permissions,
    },
    /// A person with an account of their own.
    Resident {
        /// The account.
        account: Uuid,
    },
    /// Somebody who is not signed in.
    Visitor,
    /// The portal itself: jobs, commands on the operator's terminal.
    System,
}

impl Actor {
    /// A member of staff with a role as it comes.
    pub const fn staff(account: Uuid, role: Role) -> Actor {
        Actor::Staff {
            account,
            permissions: role.permissions(),
        }
    }

    /// May this actor do this? The system may; residents and visitors hold no staff permission.
    pub fn may(self, permission: Permission) -> bool {
        match self {
            Actor::Staff { permissions, .. } => permissions.has(permission),
            Actor::System => true,
            Actor::Resident { .. } | Actor::Visitor => false,
        }
    }

    /// The account behind the actor, if there is one.
    pub fn account(self) -> Option<Uuid> {
        match self {
            Actor::Staff { account, .. } | Actor::Resident { account } => Some(account),
            Actor::Visitor | Actor::System => None,
        }
    }

    /// `staff`, `resident`, `visitor` or `system`: what the audit log stores.
    pub fn kind(self) -> &'static str {
        match self {
            Actor::Staff { .. } => "staff",
            Actor::Resident { .. } => "resident",
            Actor::Visitor => "visitor",
            Actor::System => "system",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table as a picture: whoever changes it sees what changed.
    #[test]
    fn table() {
        let mut picture = String::new();
        for permission in Permission::ALL {
            let marks: String = Role::ALL
                .iter()
                .map(|r| if r.permissions().has(permission) { 'x' } else { '.' })
                .collect();
            picture += &format!("{marks} {permission:?}\n");
        }
        let expected = "\
xxxxx SeeDashboard
.xxx. SeeResidents
.x... ImportResidents
.x... SeeBlocks
xxxx. SeeLetters
.xx.. MakeLetters
xx... SetUpLetters
x.... ChangeSettings
x.... ManageStaff
x...x ReadAudit
.x.x. SeeCases
.x.x. DecideCases
x.... SetUpCases
.x.x. ManageOrganisations
.x.x. ManageSurveys
.x.x. Moderate
";
        assert_eq!(picture, expected);
    }

    #[test]
    fn sets_survive_the_store() {
        for role in Role::ALL {
            let set = role.permissions();
            assert_eq!(Permissions::parse(&set.stored()), set);
            assert_eq!(set.gaps(), [], "{role:?}");
            assert_eq!(StaffRole::settled(role.key(), set), set, "{role:?}");
        }
        let own = Permissions::parse("decide-cases manage-staff gone-long-ago");
        assert!(own.has(Permission::SeeDashboard), "everybody sees the dashboard");
        assert_eq!(own.gaps(), [(Permission::DecideCases, Permission::SeeCases)]);
        assert!(!StaffRole::settled("r-1", own).has(Permission::ManageStaff));
        let emptied = StaffRole::settled("administrator", Permissions::NONE);
        assert!(
            emptied.has(Permission::ManageStaff),
            "administrators cannot lose the team"
        );
    }

    #[test]
    fn nobody_else_holds_staff_permissions() {
        for permission in Permission::ALL {
            assert!(!Actor::Visitor.may(permission));
            assert!(!Actor::Resident { account: Uuid::nil() }.may(permission));
        }
    }
}
