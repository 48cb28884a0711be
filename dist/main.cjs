"use strict";

// src/core/describe-error.ts
function describeError(error) {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === void 0 ? "" : `
caused by: ${describeError(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

// src/core/outcomes.ts
var EXIT_CODES = {
  success: 0,
  noop: 0,
  failure: 1,
  invalid: 2,
  held: 3,
  inconclusive: 4,
  cancelled: 130
};

// node_modules/fastest-levenshtein/esm/mod.js
var peq = new Uint32Array(65536);

// src/core/environments.ts
var ENVIRONMENTS = ["staging", "production"];

// src/inputs/inputs.ts
var DEFAULT_CONFIG = "zenml-upgrade.yml";
var COMMON = {
  config: {
    description: "Path of zenml-upgrade.yml, relative to the working directory.",
    default: DEFAULT_CONFIG
  },
  "server-url": { description: "Address of the ZenML server; replaces the one in the file." },
  "api-key": {
    description: "API key of a ZenML service account.",
    secret: ["ZENML_STORE_API_KEY"]
  },
  "github-token": { description: "Token of GitHub.", secret: ["GITHUB_TOKEN"] },
  "dry-run": {
    description: "Plan and check only; change nothing.",
    default: "false",
    choices: ["true", "false"]
  },
  timeout: {
    description: "How long it may take, such as 45m.",
    pattern: { test: /^\d+(s|m|h)$/, says: "a duration such as 30s, 45m or 2h" }
  },
  "report-directory": {
    description: "Folder for results and logs.",
    default: "zenml-upgrade-report"
  },
  "working-directory": { description: "Root of the repository.", default: "." },
  "state-directory": {
    description: "Folder that outlives this run: journal, lock and records.",
    default: ".zenml-upgrade"
  }
};
var SOURCES = {
  sources: {
    description: "Commits of the sources in other repositories, as the output of the same name of an earlier job gives them; default: what their refs point at now."
  }
};
var PLACE = {
  config: COMMON.config,
  "github-token": COMMON["github-token"],
  "report-directory": COMMON["report-directory"],
  "working-directory": COMMON["working-directory"],
  "state-directory": COMMON["state-directory"]
};
var DEFAULT_BRANCHES = { head: "staging", base: "main" };
var BRANCHES = {
  head: {
    description: "Branch that deploys to staging and is promoted.",
    default: DEFAULT_BRANCHES.head
  },
  base: { description: "Branch that deploys to production.", default: DEFAULT_BRANCHES.base }
};
var BRANCH_NAME = {
  test: /^\w[\w./-]*$/,
  says: "the name of a branch, of letters, digits, and . _ / -"
};
var REPOSITORY_PATH = {
  test: /^(?!.*\.\.)[\w.][\w./-]*\.ya?ml$/,
  says: "the path of a YAML file in the repository, of letters, digits, and . _ / -"
};
var OVERRIDE = {
  description: "Opens a closed gate to production, and says why; recorded with who did it. On GitHub only what a person typed into the form of a dispatched run."
};
var ENVIRONMENT = {
  environment: { description: "Which environment.", required: true, choices: ENVIRONMENTS }
};
var INPUTS = {
  "upgrade-workspace": {
    ...ENVIRONMENT,
    ...COMMON,
    ...SOURCES,
    timeout: {
      ...COMMON.timeout,
      description: "How long the server may take to come back at the target, such as 30m; default: 15m."
    },
    "target-version": { description: "ZenML version to reach; default: the one in the file." },
    backup: {
      description: "Whether a verified backup must exist before the first change.",
      default: "required",
      choices: ["required", "skip"]
    },
    "on-failure": {
      description: "What to do when the upgrade fails; with loss: also when rows written since the backup are lost.",
      default: "rollback",
      choices: ["rollback", "rollback-with-loss", "stop"]
    },
    ...BRANCHES,
    "override-reason": {
      description: "Opens a closed gate to production, or tries again a version that was rolled back, and says why; recorded with who did it. On GitHub only what a person typed into the form of a dispatched run."
    },
    "snapshots-plan": {
      description: "Reason code of the plan that an earlier job of this run made (rebuild-snapshots, mode plan). Given, no pipeline code runs here, beside the database's key; left out, the snapshots are planned here."
    },
    parity: {
      description: "What it does when stacks of production have no mirrored twins in staging: fail stops before the first change, also when nobody can tell.",
      default: "warn",
      choices: ["fail", "warn", "off"]
    }
  },
  "run-smoke-suite": {
    ...ENVIRONMENT,
    ...COMMON,
    ...SOURCES,
    timeout: { ...COMMON.timeout, description: "The most that a suite may take, such as 20m." },
    command: {
      description: "Replaces the file's list of suites by this command, run in the first source."
    },
    junit: { description: "JUnit file that the command writes." },
    retries: {
      description: "How often a failed suite is run again.",
      default: "0",
      pattern: { test: /^[0-5]$/, says: "a number from 0 to 5" }
    }
  },
  "rebuild-snapshots": {
    ...ENVIRONMENT,
    ...COMMON,
    ...SOURCES,
    "target-version": {
      description: "For mode plan before the upgrade: the version to plan for; default: the one in the file."
    },
    mode: {
      description: "plan: can they be rebuilt? rebuild; execute: run them; all: rebuild, then execute.",
      default: "rebuild",
      choices: ["plan", "rebuild", "execute", "all"]
    },
    shard: {
      description: "Which part of the snapshots, such as 1/4.",
      pattern: { test: /^[1-9]\d{0,2}\/[1-9]\d{0,2}$/, says: "a part such as 1/4" }
    },
    shards: {
      description: "In how many parts the work is to be cut; the output of the same name lists them for a matrix.",
      default: "1",
      pattern: { test: /^[1-9]\d{0,2}$/, says: "a number from 1 to 999" }
    },
    "max-parallel": {
      description: "How many snapshots at once.",
      default: "2",
      pattern: { test: /^([1-9]|[1-2]\d|3[0-2])$/, says: "a number from 1 to 32" }
    }
  },
  promote: {
    ...ENVIRONMENT,
    ...COMMON,
    ...SOURCES,
    step: {
      description: "Which step of the promotion.",
      required: true,
      choices: ["propose", "gate"]
    },
    ...BRANCHES,
    "override-reason": OVERRIDE
  },
  plan: {
    environment: {
      description: "Which environment; default: that of the branch the pull request goes into.",
      choices: ENVIRONMENTS
    },
    ...PLACE,
    ...BRANCHES
  },
  report: {
    ...PLACE,
    ...SOURCES,
    ...BRANCHES,
    jobs: {
      description: "Results of the jobs of this run, toJSON(needs): a job that left no result file is reported as failed or cancelled."
    }
  },
  "check-stacks": {
    ...ENVIRONMENT,
    ...PLACE,
    "server-url": COMMON["server-url"],
    "api-key": COMMON["api-key"],
    timeout: COMMON.timeout,
    "target-version": {
      description: "ZenML version that the upgrade will be told to reach; default: the one in the file."
    }
  },
  "check-out-sources": {
    ...ENVIRONMENT,
    ...PLACE,
    ...SOURCES,
    timeout: COMMON.timeout,
    into: {
      description: "Directory for the repositories. Later commands read them from there when ZENML_UPGRADE_SOURCES_DIRECTORY names it.",
      required: true
    }
  },
  acknowledge: {
    ...ENVIRONMENT,
    attempt: {
      description: "Attempt that measured the loss, as its result and the report name it.",
      required: true
    },
    reason: {
      description: "Why the loss is accepted; recorded with who did it. On GitHub only in a run that a person dispatched.",
      required: true
    },
    ...PLACE,
    ...BRANCHES
  },
  init: {
    "staging-server": { description: "Address of the staging server." },
    "production-server": { description: "Address of the production server." },
    "staging-api-key": {
      description: "API key of a ZenML service account of the staging server.",
      secret: ["ZENML_STAGING_API_KEY", "ZENML_STORE_API_KEY"]
    },
    "production-api-key": {
      description: "API key of a ZenML service account of the production server.",
      secret: ["ZENML_PRODUCTION_API_KEY", "ZENML_STORE_API_KEY"]
    },
    deploy: {
      description: "How both servers are deployed; commands stand in for a driver that the file does not take yet.",
      choices: ["command", "gitops", "local", "helm", "compose", "terraform", "pro"]
    },
    "own-workflows": {
      description: "Whether our workflows are written into this repository, for runners of your own and secrets of GitHub environments; default: what fits the servers.",
      choices: ["true", "false"]
    },
    ref: {
      description: "Commit of zenml-upgrade at which the workflows use its actions; default: that of the last release.",
      pattern: { test: /^[0-9a-f]{40}$/, says: "a commit of 40 hexadecimal digits" }
    },
    config: { ...COMMON.config, pattern: REPOSITORY_PATH },
    head: { ...BRANCHES.head, pattern: BRANCH_NAME },
    base: { ...BRANCHES.base, pattern: BRANCH_NAME },
    "dry-run": {
      description: "Print what would be written; write nothing.",
      default: "false",
      choices: ["true", "false"]
    },
    "report-directory": COMMON["report-directory"],
    "working-directory": COMMON["working-directory"]
  },
  demo: {
    keep: {
      description: "Leave both servers running and say how to look at them.",
      default: "false",
      choices: ["true", "false"]
    },
    "from-version": { description: "Release the two servers start with.", default: "0.94.1" },
    "to-version": { description: "Release they are upgraded to.", default: "0.98.0" },
    "report-directory": { description: "Folder for the report.", default: "zenml-upgrade-report" }
  }
};
var COMMAND_NAMES = Object.keys(INPUTS);

// src/core/wrap.ts
var WORD = /( *)((?:(?<![\p{L}\p{N}`])`(?=[^ `])[^`]*(?<! )`(?![\p{L}\p{N}`])|[^ ])+)/gu;
function breakLines(text, { columns, hanging, measure }) {
  if (measure(text) <= columns) return [text];
  const lines = [];
  let line = "";
  for (const [, space = "", word = ""] of text.matchAll(WORD)) {
    if (line.trim() !== "" && measure(`${line}${space}${word}`) > columns) {
      lines.push(line);
      line = `${" ".repeat(hanging)}${word}`;
    } else line += `${space}${word}`;
  }
  return [...lines, line];
}

// src/cli/help.ts
var NAME_COLUMNS = 20;
var COLUMNS = 80;
var PURPOSES = {
  "upgrade-workspace": "Back up, upgrade and verify the ZenML server of an environment; roll back when it fails.",
  "run-smoke-suite": "Run the smoke suite against the server and judge it by its JUnit file and its runs.",
  "rebuild-snapshots": "Plan, rebuild and execute every named snapshot with the client of the server.",
  promote: "Open the promotion pull request; decide whether production may follow staging.",
  plan: "Say what merging this would do, from the files, the record, the package index and what the server tells everybody; changes nothing and needs no key.",
  "check-stacks": "Read the stacks of an environment, and say whether those of production have mirrored twins in staging; changes nothing.",
  "check-out-sources": "Bring the other repositories with pipeline code to this machine, so that the step that runs their code needs no token.",
  acknowledge: "Accept what an attempt lost, with a reason; until then, or until it is back, nothing goes on.",
  report: "Write the one report of both environments: comment, summary, commit status.",
  init: "Look at both live servers and write zenml-upgrade.yml, the workflow in the form that fits, and a smoke suite; overwrites nothing that a person wrote.",
  demo: "Watch two real ZenML servers go from an older release to a newer one, on this machine."
};
function generalHelp() {
  const rows = COMMAND_NAMES.map((name) => `  ${name.padEnd(NAME_COLUMNS)}${PURPOSES[name]}`);
  return [
    "zenml-upgrade: the guide for upgrading ZenML servers, as software.",
    "",
    "Usage: node dist/main.cjs <command> [--input value]…",
    "",
    "Commands:",
    ...rows.flatMap((row) => wrapped(row, 2 + NAME_COLUMNS)),
    "",
    "Every command has --help. --version tells the version of zenml-upgrade."
  ].join("\n");
}
function commandHelp(command) {
  const specs = INPUTS[command];
  const rows = Object.entries(specs).flatMap(([name, spec]) => {
    const how = spec.secret === void 0 ? `--${name}` : `(environment) ${spec.secret.join(", ")}`;
    const facts = [
      spec.required === true ? "required" : void 0,
      spec.choices === void 0 ? void 0 : `one of ${spec.choices.join(", ")}`,
      spec.default === void 0 ? void 0 : `default ${spec.default}`
    ].filter((fact) => fact !== void 0);
    return [
      `  ${how}`,
      ...wrapped(
        `      ${spec.description}${facts.length === 0 ? "" : ` (${facts.join("; ")})`}`,
        6
      )
    ];
  });
  return [
    ...wrapped(`${command}: ${PURPOSES[command]}`, 2),
    "",
    `Usage: node dist/main.cjs ${command} [--input value]…`,
    "",
    "Inputs:",
    ...rows,
    "",
    ...wrapped(
      "An input is read from its flag, else from INPUT_NAME-WITH-HYPHEN, else from ZENML_UPGRADE_NAME_WITH_UNDERSCORE.",
      0
    )
  ].join("\n");
}
function wrapped(text, hanging) {
  return breakLines(text, { columns: COLUMNS, hanging, measure: ({ length }) => length });
}

// src/cli/main.ts
var COMMANDS_BUNDLE = "./commands.cjs";
var DEMO_BUNDLE = "./demo.cjs";
async function main(args) {
  const [name, ...rest] = args[0] === void 0 && process.env["INPUT_RUN"] !== void 0 ? [process.env["INPUT_RUN"]] : args;
  if (name === "--version") return print("0.1.0");
  if (name === void 0 || name === "--help" || name === "-h" || name === "help")
    return print(generalHelp());
  const command = COMMAND_NAMES.find((known) => known === name);
  if (command !== void 0 && (rest.includes("--help") || rest.includes("-h")))
    return print(commandHelp(command));
  return command === "demo" ? startDemo(rest) : start(name, rest);
}
async function startDemo(args) {
  const bundle = await import(DEMO_BUNDLE);
  return bundle.runDemo(args);
}
async function start(name, args) {
  const bundle = await import(COMMANDS_BUNDLE);
  return bundle.run(name, args);
}
function print(text) {
  process.stdout.write(`${text}
`);
  return 0;
}
main(process.argv.slice(2)).then(
  // Exits by itself only when every handle is closed; a forgotten one must not hang a job.
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`${describeError(error)}
`);
    process.exit(EXIT_CODES.failure);
  }
);
