//! Prints samples of all mails as JSON, with links into the web client at the address in the first argument: `cargo dev mail
//! preview` writes them to files.

use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(frontend) = std::env::args().nth(1) else {
        eprintln!("The address of the web client is missing.");
        return ExitCode::FAILURE;
    };
    match cairn_tests::mail_samples::rendered(&frontend) {
        Ok(samples) => {
            let json = serde_json::to_string(&samples).expect("samples are plain data");
            println!("{json}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
