//! Who may do what: one table, asked by the use cases, never by a view alone.

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
}

impl Permission {
    /// All permissions.
    pub const ALL: [Permission; 13] = [
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
    ];
}

/// The table: may this role do this?
pub fn allows(role: Role, permission: Permission) -> bool {
    use Permission as P;
    match role {
        Role::Administrator => matches!(
            permission,
            P::SeeDashboard
                | P::SeeLetters
                | P::SetUpLetters
                | P::ChangeSettings
                | P::ManageStaff
                | P::ReadAudit
                | P::SetUpCases
        ),
        Role::RegistryOfficer => matches!(
            permission,
            P::SeeDashboard
                | P::SeeResidents
                | P::ImportResidents
                | P::SeeBlocks
                | P::SeeLetters
                | P::MakeLetters
                | P::SetUpLetters
                | P::SeeCases
                | P::DecideCases
        ),
        Role::LetterOfficer => matches!(
            permission,
            P::SeeDashboard | P::SeeResidents | P::SeeLetters | P::MakeLetters
        ),
        Role::Clerk => matches!(
            permission,
            P::SeeDashboard | P::SeeResidents | P::SeeLetters | P::SeeCases | P::DecideCases
        ),
        Role::Auditor => matches!(permission, P::SeeDashboard | P::ReadAudit),
    }
}

/// Who acts: given to every use case that writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A member of staff.
    Staff {
        /// The account.
        account: Uuid,
        /// The role at the time of the request.
        role: Role,
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
    /// May this actor do this? The system may; residents and visitors hold no staff permission.
    pub fn may(self, permission: Permission) -> bool {
        match self {
            Actor::Staff { role, .. } => allows(role, permission),
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
                .map(|r| if allows(*r, permission) { 'x' } else { '.' })
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
";
        assert_eq!(picture, expected);
    }

    #[test]
    fn nobody_else_holds_staff_permissions() {
        for permission in Permission::ALL {
            assert!(!Actor::Visitor.may(permission));
            assert!(!Actor::Resident { account: Uuid::nil() }.may(permission));
        }
    }
}
