export const HELP = `Brings a new version to traffic, and takes it back. docs/releases.md says more.

  npm run release -- plan --stack aws-production       what an update would do, kept for \`deploy\`
  npm run release -- deploy --stack aws-production     all of it: update, migrations, traffic, proof
  npm run release -- shift --stack aws-production      all behind the update, which somebody else has made
  npm run release -- verify --stack aws-production     whether it answers, and no alarm is raised
  npm run release -- rollback --stack aws-production   back to what ran before the last release, or the one under way

  --artifacts DIR      what npm run build:artifacts has made (artifacts)
  --approved-by NAME   who said that it may go to production
  --contract           migrations that the version before cannot live with are meant
  --despite-alarms     it mends what the alarms are about
  --resume             goes on with what is under way
  --because TEXT       why it is rolled back
  --journal PLACE      a folder (.punctual/releases), s3://bucket/folder or gs://bucket/folder
  --dry-run            looks at everything, tells what it would change, and changes nothing

It ends with 0 where that was done, 1 where it was taken back (or is not as it should be), 2 where it was refused, and 3 where
it was lost amid: then it says how to go on.`;
