//! Cases on screen: the applicant's pages, the inbox and the clerk's page.

pub mod citizen;
pub mod desk;
pub mod inbox;
pub mod own;
pub mod setup;
mod view;
