//! What is wrong with the store, in words for the operator, where it is not the program's fault.

/// Something outside of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It passes by itself: whoever asks again in a moment gets an answer.
    Passing(&'static str),
    /// Somebody has to do something.
    Lasting(&'static str),
}

/// Classifies an error by its code: result codes of SQLite (<https://www.sqlite.org/rescode.html>, the primary code is in the
/// low byte), SQLSTATE of PostgreSQL (appendix A of its manual).
pub fn trouble(error: &sqlx::Error) -> Option<Trouble> {
    const FULL: Trouble = Trouble::Lasting(
        "the disk of the store is full: free some space; what was acknowledged is saved, and everything goes on by itself",
    );
    const READ_ONLY: Trouble =
        Trouble::Lasting("the store cannot be written: its disk, its file or the database is read-only");
    let database = match error {
        sqlx::Error::PoolTimedOut => return Some(Trouble::Passing("no connection to the store was free")),
        sqlx::Error::Io(_) | sqlx::Error::PoolClosed | sqlx::Error::Tls(_) => {
            return Some(Trouble::Passing("the connection to the store broke"));
        }
        sqlx::Error::Database(database) => database,
        _ => return None,
    };
    let code = database.code()?;
    if let Ok(sqlite) = code.parse::<u32>()
        && code.len() < 5
    {
        return Some(match sqlite & 0xff {
            5 | 6 => Trouble::Passing("the store is locked by another process"),
            8 => READ_ONLY,
            10 => {
                Trouble::Lasting("the disk of the store cannot be read or written: look at the system's log")
            }
            11 | 26 => {
                Trouble::Lasting("the store is damaged: stop the server, keep the file, restore a backup")
            }
            13 => FULL,
            14 => Trouble::Lasting(
                "the file of the store cannot be opened: look at its permissions and its folder",
            ),
            _ => return None,
        });
    }
    Some(match code.as_ref() {
        "53100" => FULL,
        "25006" => READ_ONLY,
        "53300" => Trouble::Passing(
            "PostgreSQL takes no more connections: raise max_connections or lower `connections`",
        ),
        "57P01" | "57P02" | "57P03" => Trouble::Passing("PostgreSQL is stopping or starting"),
        "40001" | "40P01" | "55P03" => Trouble::Passing("two changes met in the store"),
        "08000" | "08003" | "08006" => Trouble::Passing("the connection to the store broke"),
        "28000" | "28P01" => Trouble::Lasting("PostgreSQL refuses user or password"),
        "3D000" => Trouble::Lasting("the database does not exist"),
        _ => return None,
    })
}
