import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse as parseYaml } from "yaml";

export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface ExpressionCase {
  readonly expr: string;
  readonly eval_time: string;
  readonly exp_samples?: readonly unknown[];
}

export interface AlertCase {
  readonly alertname: string;
  readonly eval_time: string;
  readonly exp_alerts?: readonly unknown[];
}

export interface CaseGroup {
  readonly name: string;
  readonly input_series: readonly { readonly series: string; readonly values: string }[];
  readonly promql_expr_test?: readonly ExpressionCase[];
  readonly alert_rule_test?: readonly AlertCase[];
}

export interface CaseFile {
  readonly file: string;
  readonly rule_files: readonly string[];
  readonly evaluation_interval: string;
  readonly tests: readonly CaseGroup[];
}

export const monitoringFolder = "monitoring";

/** Every rule, in the order it is evaluated in. */
export function loadRules(): readonly Rule[] {
  const files = ["turkish_ai_metrics.yml", "turkish_ai_alerts.yml"];
  return files.flatMap((file) => {
    const { groups } = parseYaml(readFileSync(join(monitoringFolder, "rules", file), "utf8"));
    return (groups as { rules: Rule[] }[]).flatMap(({ rules }) => rules);
  });
}

export function loadCases(): readonly CaseFile[] {
  const files = readdirSync(join(monitoringFolder, "tests")).filter((file) => file.endsWith(".test.yml"));
  return files.map((file) => ({
    file,
    ...parseYaml(readFileSync(join(monitoringFolder, "tests", file), "utf8"), { merge: true }),
  }));
}

export const nameOf = ({ record, alert }: Rule): string => record ?? alert ?? "";

/** Names that stand in an expression: metrics, recorded ones among them, and words of the language. */
export function namesIn(expression: string): readonly string[] {
  const bare = expression.replaceAll(/"[^"]*"/g, '""').replaceAll(/\[[^\]]*\]/g, "");
  return bare.match(/(?<![\w:.])[A-Za-z_:][\w:]*/g) ?? [];
}

/** What a rule is made of, itself last, in the order of evaluation. */
export function withWhatItReads(rule: Rule, rules: readonly Rule[]): readonly Rule[] {
  const needed = new Set<Rule>();
  const need = (one: Rule): void => {
    needed.add(one);
    const names = new Set(namesIn(one.expr));
    for (const other of rules)
      if (!needed.has(other) && other.record !== undefined && names.has(other.record)) need(other);
  };
  need(rule);
  return rules.filter((one) => needed.has(one));
}

/** The cases that say something of a rule, with nothing of others in them. */
export function casesOf(rule: Rule, files: readonly CaseFile[]): readonly CaseFile[] {
  return files.flatMap((file) => {
    const tests = file.tests.flatMap((group) => {
      const expressions = (group.promql_expr_test ?? []).filter(
        ({ expr }) => rule.record !== undefined && namesIn(expr).includes(rule.record),
      );
      const alerts = (group.alert_rule_test ?? []).filter(({ alertname }) => alertname === rule.alert);
      if (expressions.length + alerts.length === 0) return [];
      return [{ ...group, promql_expr_test: expressions, alert_rule_test: alerts }];
    });
    return tests.length === 0 ? [] : [{ ...file, tests }];
  });
}
