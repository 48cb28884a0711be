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

// node_modules/string-width/node_modules/ansi-regex/index.js
var ST = String.raw`(?:\u001B\u005C|\u009C)`;
var stringControls = String.raw`\u0018\u001A\u001B\u0080-\u009F`;
var osc = String.raw`(?:\u001B\]|\u009D)[^\u0007${stringControls}]*(?:\u0007|${ST})`;
var controlString = String.raw`(?:\u001B[PX^_k]|[\u0090\u0098\u009E\u009F])[^${stringControls}]*${ST}`;
var linuxPalette = String.raw`\u001B\](?:P[\dA-Fa-f]{7}|R)(?:\u0007|${ST})?`;
var csi = String.raw`(?:\u001B\[|\u009B)[\u0030-\u003F]*[\u0020-\u002F]*[\u0040-\u007E]`;
var escape = String.raw`\u001B(?:[\u0020-\u002F]+[\u0030-\u007E]|[\dA-PR-TZcf-oq-uy=><~|}])`;
var pattern = `${linuxPalette}|${osc}|${controlString}|${csi}|${escape}`;
function ansiRegex({ onlyFirst = false } = {}) {
  return new RegExp(pattern, onlyFirst ? void 0 : "g");
}

// node_modules/string-width/node_modules/strip-ansi/index.js
var regex = ansiRegex();
function stripAnsi(string) {
  if (typeof string !== "string") {
    throw new TypeError(`Expected a \`string\`, got \`${typeof string}\``);
  }
  if (!string.includes("\x1B") && !string.includes("")) {
    return string;
  }
  return string.replace(regex, "");
}

// node_modules/get-east-asian-width/lookup-data.js
var ambiguousMinimalCodePoint = 161;
var ambiguousMaximumCodePoint = 1114109;
var ambiguousRanges = [161, 161, 164, 164, 167, 168, 170, 170, 173, 174, 176, 180, 182, 186, 188, 191, 198, 198, 208, 208, 215, 216, 222, 225, 230, 230, 232, 234, 236, 237, 240, 240, 242, 243, 247, 250, 252, 252, 254, 254, 257, 257, 273, 273, 275, 275, 283, 283, 294, 295, 299, 299, 305, 307, 312, 312, 319, 322, 324, 324, 328, 331, 333, 333, 338, 339, 358, 359, 363, 363, 462, 462, 464, 464, 466, 466, 468, 468, 470, 470, 472, 472, 474, 474, 476, 476, 593, 593, 609, 609, 708, 708, 711, 711, 713, 715, 717, 717, 720, 720, 728, 731, 733, 733, 735, 735, 768, 879, 913, 929, 931, 937, 945, 961, 963, 969, 1025, 1025, 1040, 1103, 1105, 1105, 8208, 8208, 8211, 8214, 8216, 8217, 8220, 8221, 8224, 8226, 8228, 8231, 8240, 8240, 8242, 8243, 8245, 8245, 8251, 8251, 8254, 8254, 8308, 8308, 8319, 8319, 8321, 8324, 8364, 8364, 8451, 8451, 8453, 8453, 8457, 8457, 8467, 8467, 8470, 8470, 8481, 8482, 8486, 8486, 8491, 8491, 8531, 8532, 8539, 8542, 8544, 8555, 8560, 8569, 8585, 8585, 8592, 8601, 8632, 8633, 8658, 8658, 8660, 8660, 8679, 8679, 8704, 8704, 8706, 8707, 8711, 8712, 8715, 8715, 8719, 8719, 8721, 8721, 8725, 8725, 8730, 8730, 8733, 8736, 8739, 8739, 8741, 8741, 8743, 8748, 8750, 8750, 8756, 8759, 8764, 8765, 8776, 8776, 8780, 8780, 8786, 8786, 8800, 8801, 8804, 8807, 8810, 8811, 8814, 8815, 8834, 8835, 8838, 8839, 8853, 8853, 8857, 8857, 8869, 8869, 8895, 8895, 8978, 8978, 9312, 9449, 9451, 9547, 9552, 9587, 9600, 9615, 9618, 9621, 9632, 9633, 9635, 9641, 9650, 9651, 9654, 9655, 9660, 9661, 9664, 9665, 9670, 9672, 9675, 9675, 9678, 9681, 9698, 9701, 9711, 9711, 9733, 9734, 9737, 9737, 9742, 9743, 9756, 9756, 9758, 9758, 9792, 9792, 9794, 9794, 9824, 9825, 9827, 9829, 9831, 9834, 9836, 9837, 9839, 9839, 9886, 9887, 9919, 9919, 9926, 9933, 9935, 9939, 9941, 9953, 9955, 9955, 9960, 9961, 9963, 9969, 9972, 9972, 9974, 9977, 9979, 9980, 9982, 9983, 10045, 10045, 10102, 10111, 11094, 11097, 12872, 12879, 57344, 63743, 65024, 65039, 65533, 65533, 127232, 127242, 127248, 127277, 127280, 127337, 127344, 127373, 127375, 127376, 127387, 127404, 917760, 917999, 983040, 1048573, 1048576, 1114109];
var fullwidthMinimalCodePoint = 12288;
var fullwidthMaximumCodePoint = 65510;
var fullwidthRanges = [12288, 12288, 65281, 65376, 65504, 65510];
var wideMinimalCodePoint = 4352;
var wideMaximumCodePoint = 262141;
var wideRanges = [4352, 4447, 8986, 8987, 9001, 9002, 9193, 9196, 9200, 9200, 9203, 9203, 9725, 9726, 9748, 9749, 9776, 9783, 9800, 9811, 9855, 9855, 9866, 9871, 9875, 9875, 9889, 9889, 9898, 9899, 9917, 9918, 9924, 9925, 9934, 9934, 9940, 9940, 9962, 9962, 9970, 9971, 9973, 9973, 9978, 9978, 9981, 9981, 9989, 9989, 9994, 9995, 10024, 10024, 10060, 10060, 10062, 10062, 10067, 10069, 10071, 10071, 10133, 10135, 10160, 10160, 10175, 10175, 11035, 11036, 11088, 11088, 11093, 11093, 11904, 11929, 11931, 12019, 12032, 12245, 12272, 12287, 12289, 12350, 12353, 12438, 12441, 12543, 12549, 12591, 12593, 12686, 12688, 12773, 12783, 12830, 12832, 12871, 12880, 42124, 42128, 42182, 43360, 43388, 44032, 55203, 63744, 64255, 65040, 65049, 65072, 65106, 65108, 65126, 65128, 65131, 94176, 94180, 94192, 94198, 94208, 101594, 101631, 101664, 101760, 101874, 101888, 102801, 102816, 102866, 110576, 110579, 110581, 110587, 110589, 110590, 110592, 110888, 110898, 110898, 110928, 110930, 110933, 110933, 110948, 110952, 110960, 111355, 119552, 119638, 119648, 119670, 126980, 126980, 127183, 127183, 127374, 127374, 127377, 127386, 127406, 127406, 127488, 127490, 127504, 127547, 127552, 127560, 127568, 127569, 127584, 127589, 127744, 127776, 127789, 127797, 127799, 127868, 127870, 127891, 127904, 127946, 127951, 127955, 127968, 127984, 127988, 127988, 127992, 128062, 128064, 128064, 128066, 128252, 128255, 128317, 128331, 128334, 128336, 128359, 128378, 128378, 128405, 128406, 128420, 128420, 128507, 128591, 128640, 128709, 128716, 128716, 128720, 128722, 128725, 128729, 128732, 128735, 128747, 128748, 128756, 128764, 128986, 128986, 128992, 129003, 129008, 129008, 129292, 129338, 129340, 129349, 129351, 129535, 129648, 129660, 129664, 129734, 129736, 129736, 129740, 129757, 129759, 129771, 129775, 129786, 131072, 196605, 196608, 262141];

// node_modules/get-east-asian-width/utilities.js
var isInRange = (ranges, codePoint) => {
  let low = 0;
  let high = Math.floor(ranges.length / 2) - 1;
  while (low <= high) {
    const mid = Math.floor((low + high) / 2);
    const i = mid * 2;
    if (codePoint < ranges[i]) {
      high = mid - 1;
    } else if (codePoint > ranges[i + 1]) {
      low = mid + 1;
    } else {
      return true;
    }
  }
  return false;
};

// node_modules/get-east-asian-width/lookup.js
var commonCjkCodePoint = 19968;
var [wideFastPathStart, wideFastPathEnd] = /* @__PURE__ */ findWideFastPathRange(wideRanges);
function findWideFastPathRange(ranges) {
  let fastPathStart = ranges[0];
  let fastPathEnd = ranges[1];
  for (let index = 0; index < ranges.length; index += 2) {
    const start2 = ranges[index];
    const end = ranges[index + 1];
    if (commonCjkCodePoint >= start2 && commonCjkCodePoint <= end) {
      return [start2, end];
    }
    if (end - start2 > fastPathEnd - fastPathStart) {
      fastPathStart = start2;
      fastPathEnd = end;
    }
  }
  return [fastPathStart, fastPathEnd];
}
var isAmbiguous = (codePoint) => {
  if (codePoint < ambiguousMinimalCodePoint || codePoint > ambiguousMaximumCodePoint) {
    return false;
  }
  return isInRange(ambiguousRanges, codePoint);
};
var isFullwidth = (codePoint) => {
  if (codePoint < fullwidthMinimalCodePoint || codePoint > fullwidthMaximumCodePoint) {
    return false;
  }
  return isInRange(fullwidthRanges, codePoint);
};
var isWide = (codePoint) => {
  if (codePoint >= wideFastPathStart && codePoint <= wideFastPathEnd) {
    return true;
  }
  if (codePoint < wideMinimalCodePoint || codePoint > wideMaximumCodePoint) {
    return false;
  }
  return isInRange(wideRanges, codePoint);
};

// node_modules/get-east-asian-width/index.js
function validate(codePoint) {
  if (!Number.isSafeInteger(codePoint)) {
    throw new TypeError(`Expected a code point, got \`${typeof codePoint}\`.`);
  }
}
function eastAsianWidth(codePoint, { ambiguousAsWide = false } = {}) {
  validate(codePoint);
  if (isFullwidth(codePoint) || isWide(codePoint) || ambiguousAsWide && isAmbiguous(codePoint)) {
    return 2;
  }
  return 1;
}

// node_modules/string-width/index.js
var segmenter = new Intl.Segmenter();
var visibleCharacterRegex = new RegExp("[^\\p{Default_Ignorable_Code_Point}\\p{Control}\\p{Format}\\p{Nonspacing_Mark}\\p{Enclosing_Mark}\\p{Surrogate}]", "v");
var spacingMarkRegex = new RegExp("\\p{Spacing_Mark}", "v");
var rgiEmojiRegex = new RegExp("^\\p{RGI_Emoji}$", "v");
var unqualifiedKeycapRegex = /^[\d#*]\u20E3$/;
var extendedPictographicRegex = new RegExp("\\p{Extended_Pictographic}", "gu");
function isDoubleWidthNonRgiEmojiSequence(segment) {
  if (segment.length > 50) {
    return false;
  }
  if (unqualifiedKeycapRegex.test(segment)) {
    return true;
  }
  if (segment.includes("‍")) {
    const pictographics = segment.match(extendedPictographicRegex);
    return pictographics !== null && pictographics.length >= 2;
  }
  return false;
}
function baseVisible(segment) {
  const index = segment.search(visibleCharacterRegex);
  return index === -1 ? void 0 : segment.slice(index);
}
function isHangulLeadingJamo(codePoint) {
  return codePoint >= 4352 && codePoint <= 4447 || codePoint >= 43360 && codePoint <= 43388;
}
function isHangulVowelJamo(codePoint) {
  return codePoint >= 4448 && codePoint <= 4519 || codePoint >= 55216 && codePoint <= 55238;
}
function isHangulTrailingJamo(codePoint) {
  return codePoint >= 4520 && codePoint <= 4607 || codePoint >= 55243 && codePoint <= 55291;
}
function isHangulJamo(codePoint) {
  return isHangulLeadingJamo(codePoint) || isHangulVowelJamo(codePoint) || isHangulTrailingJamo(codePoint);
}
function hangulClusterWidth(visibleSegment, eastAsianWidthOptions) {
  const codePoints = [];
  for (const character of visibleSegment) {
    if (!visibleCharacterRegex.test(character)) {
      continue;
    }
    codePoints.push(character.codePointAt(0));
  }
  if (codePoints.length === 0) {
    return void 0;
  }
  let width2 = 0;
  for (let index = 0; index < codePoints.length; index++) {
    const codePoint = codePoints[index];
    if (!isHangulJamo(codePoint)) {
      if (width2 === 0) {
        return void 0;
      }
      for (let remaining = index; remaining < codePoints.length; remaining++) {
        width2 += eastAsianWidth(codePoints[remaining], eastAsianWidthOptions);
      }
      return width2;
    }
    if (isHangulLeadingJamo(codePoint) && isHangulVowelJamo(codePoints[index + 1])) {
      width2 += 2;
      index += isHangulTrailingJamo(codePoints[index + 2]) ? 2 : 1;
      continue;
    }
    width2 += eastAsianWidth(codePoint, eastAsianWidthOptions);
  }
  return width2;
}
function trailingWidth(visibleSegment, eastAsianWidthOptions) {
  let extra = 0;
  let first = true;
  for (const character of visibleSegment) {
    if (first) {
      first = false;
      continue;
    }
    if (spacingMarkRegex.test(character) || character >= "＀" && character <= "￯") {
      extra += eastAsianWidth(character.codePointAt(0), eastAsianWidthOptions);
    }
  }
  return extra;
}
function stringWidth(input, options = {}) {
  if (typeof input !== "string" || input.length === 0) {
    return 0;
  }
  const {
    ambiguousIsNarrow = true,
    countAnsiEscapeCodes = false
  } = options;
  let string = input;
  if (!countAnsiEscapeCodes && (string.includes("\x1B") || string.includes(""))) {
    string = stripAnsi(string);
  }
  if (string.length === 0) {
    return 0;
  }
  if (/^[\u0020-\u007E]*$/.test(string)) {
    return string.length;
  }
  let width2 = 0;
  const eastAsianWidthOptions = { ambiguousAsWide: !ambiguousIsNarrow };
  for (const { segment } of segmenter.segment(string)) {
    const visibleSegment = baseVisible(segment);
    if (visibleSegment === void 0) {
      continue;
    }
    if (rgiEmojiRegex.test(segment) || isDoubleWidthNonRgiEmojiSequence(segment)) {
      width2 += 2;
      continue;
    }
    const hangulWidth = hangulClusterWidth(visibleSegment, eastAsianWidthOptions);
    if (hangulWidth !== void 0) {
      width2 += hangulWidth;
      continue;
    }
    const codePoint = visibleSegment.codePointAt(0);
    width2 += eastAsianWidth(codePoint, eastAsianWidthOptions);
    width2 += trailingWidth(visibleSegment, eastAsianWidthOptions);
  }
  return width2;
}

// src/core/text.ts
function width(text) {
  return stringWidth(text);
}

// src/core/wrap.ts
var WORD = /( *)((?:`[^`]{1,200}`|[^ ])+)/g;
function wrap(text, columns, hanging = 0) {
  if (width(text) <= columns) return [text];
  const lines = [];
  let line = "";
  for (const [, space = "", word = ""] of text.matchAll(WORD)) {
    if (line.trim() !== "" && width(`${line}${space}${word}`) > columns) {
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
    ...rows.flatMap((row) => wrap(row, COLUMNS, 2 + NAME_COLUMNS)),
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
      ...wrap(
        `      ${spec.description}${facts.length === 0 ? "" : ` (${facts.join("; ")})`}`,
        COLUMNS,
        6
      )
    ];
  });
  return [
    ...wrap(`${command}: ${PURPOSES[command]}`, COLUMNS, 2),
    "",
    `Usage: node dist/main.cjs ${command} [--input value]…`,
    "",
    "Inputs:",
    ...rows,
    "",
    ...wrap(
      "An input is read from its flag, else from INPUT_NAME-WITH-HYPHEN, else from ZENML_UPGRADE_NAME_WITH_UNDERSCORE.",
      COLUMNS
    )
  ].join("\n");
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
