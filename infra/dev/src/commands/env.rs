//! `env`.

use std::process::ExitCode;

use anyhow::bail;
use cairn_dev::places::Places;

use super::instance;

/// Prints the variables of the running system.
pub fn run() -> anyhow::Result<ExitCode> {
    let Some(record) = instance(&Places::find())
        .running()
        .filter(|record| !record.environment.is_empty())
    else {
        bail!("Nothing is running whose variables could be printed: start it with `cargo dev up`.");
    };
    for (name, value) in &record.environment {
        println!("{}", export(name, value));
    }
    Ok(ExitCode::SUCCESS)
}

/// A line that shells and env files understand alike. Env files have no line breaks in values: the functions take `\n` for
/// one.
fn export(name: &str, value: &str) -> String {
    format!(
        "export {name}='{}'",
        value.trim_end().replace('\n', "\\n").replace('\'', "'\\''")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_what_was_meant() {
        let line = export("CLERK_JWT_KEY", "-----BEGIN\n it's $HOME `x` \n-----END\n");
        let output = std::process::Command::new("sh")
            .args(["-c", &format!("{line}; printf %s \"$CLERK_JWT_KEY\"")])
            .output()
            .expect("there is a shell");
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            "-----BEGIN\\n it's $HOME `x` \\n-----END"
        );
    }
}
