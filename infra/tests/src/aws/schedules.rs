//! Schedules that have not fired yet.

use aws_sdk_scheduler::operation::get_schedule::GetScheduleError;
use aws_sdk_scheduler::types::{
    ActionAfterCompletion, FlexibleTimeWindow, FlexibleTimeWindowMode, Target,
};
use serde_json::Value;

use super::{Aws, SCHEDULE_GROUP, fail};

/// A schedule that has not fired yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Its name.
    pub name: String,
    /// When it fires, as it was written: `at(…)`.
    pub expression: String,
    /// The ARN of what it calls.
    pub target: String,
    /// What it sends there.
    pub input: Value,
}

impl Aws {
    /// The names of the schedules that have not fired yet, in order.
    pub async fn schedule_names(&self) -> Vec<String> {
        let listed = self
            .scheduler
            .list_schedules()
            .group_name(SCHEDULE_GROUP)
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await
            .unwrap_or_else(|error| fail("the schedules cannot be listed", error));
        let mut names: Vec<String> = listed
            .into_iter()
            .filter_map(|summary| summary.name)
            .collect();
        names.sort();
        names
    }

    /// The schedules that have not fired yet, by name.
    pub async fn schedules(&self) -> Vec<Schedule> {
        let mut schedules = Vec::new();
        for name in self.schedule_names().await {
            schedules.extend(self.schedule(&name).await);
        }
        schedules
    }

    /// One schedule, if it has not fired yet.
    pub async fn schedule(&self, name: &str) -> Option<Schedule> {
        let found = self
            .scheduler
            .get_schedule()
            .group_name(SCHEDULE_GROUP)
            .name(name)
            .send()
            .await;
        let schedule = match found {
            Ok(schedule) => schedule,
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(GetScheduleError::is_resource_not_found_exception) =>
            {
                return None;
            }
            Err(error) => fail("a schedule cannot be read", error),
        };
        let target = schedule.target().expect("a schedule has a target");
        Some(Schedule {
            name: name.to_owned(),
            expression: schedule
                .schedule_expression()
                .unwrap_or_default()
                .to_owned(),
            target: target.arn().to_owned(),
            input: serde_json::from_str(target.input().unwrap_or_default())
                .expect("a schedule's input is JSON"),
        })
    }

    /// Makes a schedule as it stands here.
    pub async fn create_schedule(&self, schedule: &Schedule) {
        let target = Target::builder()
            .arn(&schedule.target)
            .role_arn(self.scheduler_role())
            .input(schedule.input.to_string())
            .build()
            .expect("a complete target");
        let window = FlexibleTimeWindow::builder()
            .mode(FlexibleTimeWindowMode::Off)
            .build()
            .expect("a complete window");
        self.scheduler
            .create_schedule()
            .group_name(SCHEDULE_GROUP)
            .name(&schedule.name)
            .schedule_expression(&schedule.expression)
            .flexible_time_window(window)
            .action_after_completion(ActionAfterCompletion::Delete)
            .target(target)
            .send()
            .await
            .unwrap_or_else(|error| fail("a schedule cannot be made", error));
    }

    /// Deletes a schedule.
    pub async fn delete_schedule(&self, name: &str) {
        self.scheduler
            .delete_schedule()
            .group_name(SCHEDULE_GROUP)
            .name(name)
            .send()
            .await
            .unwrap_or_else(|error| fail("a schedule cannot be deleted", error));
    }
}
