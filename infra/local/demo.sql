-- Demo data for the local system: five projects with forty tasks and their comments, in two workspaces of six people. Those
-- have come before, as events of Clerk.
--
-- Every id is fixed and every insert says ON CONFLICT DO NOTHING, so that loading it again changes nothing of what is there;
-- dates are relative to the day it is loaded. user_ada is ADMIN of both workspaces and leads two projects.
BEGIN;

UPDATE workspaces SET description = given.description, timezone = given.timezone, reminder_time = given.reminder_time::time
  FROM (VALUES
    ('org_harbor', 'Design and web work for clients on the coast.',   'Europe/Berlin',   '09:00'),
    ('org_atlas',  'A cargo bike maker: product, shop and workshop.', 'Europe/Istanbul', '08:30')
  ) AS given (id, description, timezone, reminder_time)
 WHERE workspaces.id = given.id;

-- Ids of the rest: the kind in the first group, a running number in the last.
INSERT INTO projects (id, workspace_id, name, description, status, priority, progress, start_date, end_date, team_lead, created_at)
SELECT ('0b000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, workspace, name, description, status::project_status,
       priority::priority, progress, date_trunc('day', now()) + starts * interval '1 day',
       date_trunc('day', now()) + ends * interval '1 day', lead, now() - interval '50 days' + n * interval '3 days'
  FROM (VALUES
    (1, 'org_harbor', 'Ferry line website',   'New site with timetables and ticket sales for the ferry line.', 'IN_PROGRESS', 'HIGH',   55, -40,  25, 'user_ada'),
    (2, 'org_harbor', 'Harbor festival app',  'Programme, map and push messages for the summer festival.',     'PLANNING',    'MEDIUM', 10,  -5,  80, 'user_chiara'),
    (3, 'org_harbor', 'Studio rebrand',       NULL,                                                            'COMPLETED',   'LOW',   100, -85, -12, 'user_bruno'),
    (4, 'org_atlas',  'Shop checkout',        'Fewer steps from the cart to the paid order.',                  'ACTIVE',      'HIGH',   40, -30,  30, 'user_elif'),
    (5, 'org_atlas',  'Workshop booking',     'Customers book a service slot themselves.',                     'ON_HOLD',     'MEDIUM', 20, -20, 100, 'user_ada')
  ) AS given (n, workspace, name, description, status, priority, progress, starts, ends, lead)
ON CONFLICT DO NOTHING;

INSERT INTO project_members (id, project_id, user_id, created_at)
SELECT ('0c000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
       ('0b000000-0000-7000-8000-' || lpad(project::text, 12, '0'))::uuid, member,
       now() - interval '30 days' + n * interval '1 minute'
  FROM (VALUES
    ( 1, 1, 'user_ada'),    ( 2, 1, 'user_bruno'),  ( 3, 1, 'user_chiara'),
    ( 4, 2, 'user_chiara'), ( 5, 2, 'user_dmitri'), ( 6, 2, 'user_ada'),
    ( 7, 3, 'user_bruno'),  ( 8, 3, 'user_ada'),
    ( 9, 4, 'user_elif'),   (10, 4, 'user_farid'),  (11, 4, 'user_ada'),
    (12, 5, 'user_ada'),    (13, 5, 'user_farid'),  (14, 5, 'user_dmitri')
  ) AS given (n, project, member)
ON CONFLICT DO NOTHING;

-- `due` is in days from today, with the time of day where there is one (otherwise the workspace's reminder time counts).
INSERT INTO tasks (id, project_id, title, description, status, type, priority, assignee_id, due_date, created_at)
SELECT ('0d000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
       ('0b000000-0000-7000-8000-' || lpad(project::text, 12, '0'))::uuid, title, description, status::task_status,
       type::task_type, priority::priority, assignee, date_trunc('day', now()) + due * interval '1 day',
       now() - interval '29 days' + n * interval '7 hours'
  FROM (VALUES
    ( 1, 1, 'Agree on the page structure',            'Two levels at most; timetable and tickets must be one click away.', 'DONE',        'TASK',        'HIGH',   'user_ada',    -25.0),
    ( 2, 1, 'Design the timetable',                   'Has to be readable on a phone in bright sunlight.',                 'DONE',        'FEATURE',     'HIGH',   'user_chiara', -18.0),
    ( 3, 1, 'Import timetables from the operator',    'They send a spreadsheet by e-mail every quarter.',                  'IN_PROGRESS', 'FEATURE',     'HIGH',   'user_bruno',    2.0),
    ( 4, 1, 'Ticket shop: seats for bicycles',        NULL,                                                                'IN_PROGRESS', 'FEATURE',     'MEDIUM', 'user_bruno',    5.0),
    ( 5, 1, 'Safari shows last month''s prices',      'Seen on iOS 17 only; a cached answer?',                             'TODO',        'BUG',         'HIGH',   'user_bruno',    1.0),
    ( 6, 1, 'Translate all pages into Danish',        'The texts are in the shared folder.',                               'TODO',        'TASK',        'MEDIUM', 'user_chiara',  12.0),
    ( 7, 1, 'Photos of the new ship',                 NULL,                                                                'TODO',        'OTHER',       'LOW',    'user_chiara',   9.5),
    ( 8, 1, 'Pages must load within two seconds',     'Measured on a slow mobile network.',                                'IN_PROGRESS', 'IMPROVEMENT', 'MEDIUM', 'user_ada',      7.0),
    ( 9, 1, 'Write the privacy notice',               'The draft of the lawyer is attached to the contract.',              'TODO',        'TASK',        'MEDIUM', 'user_ada',     14.0),
    (10, 1, 'Move the old addresses',                 'Every old address must lead to its new page.',                      'TODO',        'TASK',        'LOW',    'user_bruno',   20.0),
    (11, 2, 'Collect wishes of the organisers',       'Workshop with the harbor office.',                                 'DONE',        'TASK',        'HIGH',   'user_chiara',  -3.0),
    (12, 2, 'Sketch the festival map',                NULL,                                                                'IN_PROGRESS', 'FEATURE',     'MEDIUM', 'user_dmitri',   6.0),
    (13, 2, 'Choose how push messages are sent',      'Compare price and delivery; at most 20,000 phones.',                'TODO',        'TASK',        'MEDIUM', 'user_dmitri',  10.0),
    (14, 2, 'Draw the icons of the stages',           NULL,                                                                'TODO',        'TASK',        'LOW',    'user_chiara',  18.0),
    (15, 2, 'Prototype of the programme page',        'Filter by day, stage and age.',                                     'TODO',        'FEATURE',     'HIGH',   'user_chiara',  15.0),
    (16, 2, 'Works without reception',                'The harbor has none when it is full of people.',                   'TODO',        'FEATURE',     'HIGH',   'user_dmitri',  30.0),
    (17, 2, 'Budget for the second phase',            NULL,                                                                'TODO',        'OTHER',       'MEDIUM', 'user_ada',      4.5),
    (18, 3, 'New logo',                               'Three drafts, one decision.',                                       'DONE',        'FEATURE',     'HIGH',   'user_bruno',  -60.0),
    (19, 3, 'Business cards',                         NULL,                                                                'DONE',        'TASK',        'LOW',    'user_bruno',  -40.0),
    (20, 3, 'Letterhead prints too dark',             'The printer needs another colour profile.',                         'DONE',        'BUG',         'MEDIUM', 'user_bruno',  -30.0),
    (21, 3, 'Signs for the front door',               NULL,                                                                'DONE',        'TASK',        'LOW',    'user_ada',    -20.0),
    (22, 3, 'Announce the new brand',                 'Newsletter and website on the same day.',                           'DONE',        'OTHER',       'MEDIUM', 'user_ada',    -13.0),
    (23, 4, 'Measure where customers leave',          'Numbers for each step of the last three months.',                   'DONE',        'TASK',        'HIGH',   'user_farid',  -15.0),
    (24, 4, 'Order without an account',               'The account can be offered after paying.',                          'IN_PROGRESS', 'FEATURE',     'HIGH',   'user_farid',    3.0),
    (25, 4, 'Delivery date before paying',            NULL,                                                                'IN_PROGRESS', 'IMPROVEMENT', 'MEDIUM', 'user_ada',      8.0),
    (26, 4, 'Voucher is taken off twice',             'When one goes back from the payment page.',                         'TODO',        'BUG',         'HIGH',   'user_farid',    0.75),
    (27, 4, 'Address check for Turkey',               'Districts are not always given.',                                   'TODO',        'IMPROVEMENT', 'LOW',    'user_elif',    11.0),
    (28, 4, 'Pay in instalments',                     'Two offers are in; compare the fees.',                              'TODO',        'FEATURE',     'MEDIUM', 'user_elif',    21.0),
    (29, 4, 'Receipt as PDF',                         NULL,                                                                'TODO',        'FEATURE',     'MEDIUM', 'user_farid',   16.0),
    (30, 4, 'Buttons are too small for thumbs',       'At least 44 points high.',                                          'DONE',        'BUG',         'MEDIUM', 'user_farid',   -4.0),
    (31, 4, 'Test with five customers',               'Two who know the shop, three who do not.',                          'TODO',        'TASK',        'HIGH',   'user_ada',     24.0),
    (32, 4, 'Remove the old checkout',                NULL,                                                                'TODO',        'TASK',        'LOW',    'user_farid',   29.0),
    (33, 5, 'Ask the workshop about their week',      'How long does a service take, and who does what?',                  'DONE',        'TASK',        'MEDIUM', 'user_ada',    -10.0),
    (34, 5, 'Calendar of free slots',                 'A slot belongs to a lift, not to a mechanic.',                      'IN_PROGRESS', 'FEATURE',     'HIGH',   'user_dmitri',  26.0),
    (35, 5, 'Reminder the day before',                NULL,                                                                'TODO',        'FEATURE',     'MEDIUM', 'user_farid',   33.0),
    (36, 5, 'Cancel and move a booking',              'Free of charge until noon of the day before.',                      'TODO',        'FEATURE',     'MEDIUM', 'user_farid',   40.0),
    (37, 5, 'Summer time moves all bookings',         'An hour late in the test calendar.',                                'TODO',        'BUG',         'HIGH',   'user_dmitri',  13.25),
    (38, 5, 'Price list on the booking page',         NULL,                                                                'TODO',        'IMPROVEMENT', 'LOW',    'user_dmitri',  45.0),
    (39, 5, 'Door sign with a QR code',               NULL,                                                                'TODO',        'OTHER',       'LOW',    'user_farid',   50.0),
    (40, 5, 'Decide whether to go on in spring',      'After the numbers of the first quarter.',                           'TODO',        'TASK',        'MEDIUM', 'user_ada',     60.0)
  ) AS given (n, project, title, description, status, type, priority, assignee, due)
ON CONFLICT DO NOTHING;

-- By someone of the task's project, `after` hours after the task was made.
INSERT INTO comments (id, task_id, user_id, content, created_at)
SELECT ('0e000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, tasks.id, author, content,
       tasks.created_at + after * interval '1 hour'
  FROM (VALUES
    ( 1,  1, 'user_bruno',   2, 'Could the ticket shop get a place in the header?'),
    ( 2,  1, 'user_ada',     3, 'Yes, beside the timetable. Agreed with the ferry line today.'),
    ( 3,  2, 'user_ada',     5, 'Much better than the old one. Larger departure times, please.'),
    ( 4,  2, 'user_chiara', 20, 'Done: 20 points, and bold for the next departure.'),
    ( 5,  3, 'user_bruno',   4, 'The spreadsheet has merged cells. I asked for a plain one.'),
    ( 6,  3, 'user_ada',    30, 'They can send CSV from next month on.'),
    ( 7,  3, 'user_bruno',  31, 'Then I read both until then.'),
    ( 8,  4, 'user_chiara',  6, 'The icon is in the design file, third page.'),
    ( 9,  5, 'user_bruno',   1, 'Cannot reproduce it on iOS 18.'),
    (10,  5, 'user_ada',     2, 'Their harbor master has 17 and sees it every day.'),
    (11,  5, 'user_bruno',   8, 'Found it: the price list was cached for thirty days.'),
    (12,  6, 'user_ada',    10, 'Mette from the ferry line reads it before we publish.'),
    (13,  8, 'user_bruno',   3, 'Photos are half of the weight.'),
    (14,  8, 'user_ada',     9, '3.4 s → 2.3 s with smaller photos 🎉'),
    (15, 11, 'user_dmitri',  5, 'Notes of the workshop are in the shared folder.'),
    (16, 12, 'user_chiara',  7, 'North should be up, even if the poster does it differently.'),
    (17, 12, 'user_dmitri', 12, 'Turned it.'),
    (18, 13, 'user_ada',     4, 'Please include what happens with people who refuse messages.'),
    (19, 16, 'user_chiara',  3, 'Map and programme are enough, news can wait.'),
    (20, 18, 'user_ada',    10, 'Second draft it is.'),
    (21, 20, 'user_bruno',  15, 'Solved with the profile of the print shop.'),
    (22, 22, 'user_bruno',   6, 'Newsletter is scheduled for eight o''clock.'),
    (23, 23, 'user_elif',    3, 'A third leaves at the account page. That is the one to change first.'),
    (24, 24, 'user_farid',   8, 'Works in the test shop. Receipts still need an e-mail address.'),
    (25, 24, 'user_elif',    9, 'Ask for it together with the delivery address.'),
    (26, 24, 'user_ada',    24, 'Looks good to me.'),
    (27, 26, 'user_elif',    1, 'Three customers so far; refunded by hand.'),
    (28, 26, 'user_farid',   2, 'I look at it first thing tomorrow.'),
    (29, 27, 'user_farid',   5, 'The post office publishes a list of districts.'),
    (30, 30, 'user_ada',     4, 'On my phone it is fine now.'),
    (31, 33, 'user_farid',   6, 'A service takes 90 minutes, tyres 30.'),
    (32, 34, 'user_dmitri',  2, 'Then slots of 30 minutes, three for a service.'),
    (33, 34, 'user_ada',     5, 'And a break at noon, they insist.'),
    (34, 37, 'user_dmitri',  4, 'We store local times somewhere. Looking for the place.'),
    (35, 40, 'user_farid',   3, 'I would rather finish it now.')
  ) AS given (n, task, author, after, content)
  JOIN tasks ON tasks.id = ('0d000000-0000-7000-8000-' || lpad(task::text, 12, '0'))::uuid
ON CONFLICT DO NOTHING;

COMMIT;
