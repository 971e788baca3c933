import { madeOf } from "../links.js";
import { at, isMissing, isNot, isUncertain, listOf } from "../reading.js";
import { amongAll, ofEach, type Rule } from "../rule.js";

const NODES = "aws:elasticache/replicationGroup:ReplicationGroup";
const PARAMETERS = "aws:elasticache/parameterGroup:ParameterGroup";
const REDIS = "gcp:redis/instance:Instance";
const VALKEY = "gcp:memorystore/instance:Instance";

const POLICY = "maxmemory-policy";
const KEEPS = "noeviction";

const says = {
  asks: "Where messages wait nobody is let in without a password, or a token.",
  keeps: "Where messages wait nothing is dropped to make room.",
};

export const TRANSPORT: readonly Rule[] = [
  ofEach(
    { id: "aws-transport-asks", number: 17, says: says.asks },
    NODES,
    ({ inputs }) => isMissing(inputs["userGroupIds"]) && isMissing(inputs["authToken"]) && "lets everybody in",
  ),
  ofEach({ id: "gcp-transport-asks", number: 17, says: says.asks }, [REDIS, VALKEY], ({ type, inputs }) =>
    type === REDIS
      ? isNot(inputs["authEnabled"], true) && "lets everybody in"
      : isNot(inputs["authorizationMode"], "IAM_AUTH", "TOKEN_AUTH") && "lets everybody in",
  ),
  amongAll({ id: "aws-transport-keeps", number: 31, says: says.keeps }, NODES, (one, graph) => {
    const groups = madeOf(graph, one, "parameterGroupName", PARAMETERS);
    if (groups.some(({ inputs }) => isUncertain(inputs["parameters"]))) return undefined;
    const kept = groups.some(({ inputs }) =>
      listOf(inputs["parameters"]).some((each) => at(each, "name") === POLICY && at(each, "value") === KEEPS),
    );
    return !kept && "drops messages when it is full";
  }),
  ofEach({ id: "gcp-transport-keeps", number: 31, says: says.keeps }, [REDIS, VALKEY], ({ type, inputs }) => {
    const settings = inputs[type === REDIS ? "redisConfigs" : "engineConfigs"];
    return isNot(at(settings, POLICY), KEEPS) && "drops messages when it is full";
  }),
];
