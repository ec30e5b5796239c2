#!/usr/bin/env bash
# Puts one build into the cluster, by the digests of its images; --undo goes back to what was there before.
#   KUBECONFIG_TEXT, OVERLAY (deploy/kubernetes/overlays/cpu), IMAGE (registry/name), CPU and CUDA (sha256:…)
#   --undo: BEFORE (infer=3 work=3 …, as the roll-out's output `before` says); without it each goes back by one
# In a workflow it writes two outputs before it changes anything: `before`, and `changed=true`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
umask 077
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
printf '%s' "${KUBECONFIG_TEXT:?}" > "$work/kubeconfig"
export KUBECONFIG="$work/kubeconfig"
programs=(deployment/infer deployment/work deployment/turkish-ai-agent)

if [[ "${1:-}" == --undo ]]; then
  if [[ -z "${BEFORE-unset}" ]]; then echo "Nothing was there before: there is nothing to go back to."; exit; fi
  if [[ -n "${BEFORE:-}" ]]; then
    # "Back by one" would undo the release before, too, where this one changed nothing.
    read -ra pairs <<< "$BEFORE"
    programs=()
    for pair in "${pairs[@]}"; do
      kubectl --namespace sektor rollout undo "deployment/${pair%%=*}" --to-revision="${pair#*=}"
      programs+=("deployment/${pair%%=*}")
    done
  else
    kubectl --namespace sektor rollout undo "${programs[@]}"
  fi
else
  # A digest is what was signed; a tag may be moved.
  for name in CPU CUDA; do
    [[ "${!name:-}" =~ ^sha256:[0-9a-f]{64}$ ]] || { echo "$name is no digest." >&2; exit 1; }
  done
  kubectl kustomize "${OVERLAY:?}" > "$work/all.yaml"
  sed -i -e "s#image: sektor:cpu\$#image: ${IMAGE:?}@$CPU#" -e "s#image: sektor:cuda\$#image: $IMAGE@$CUDA#" "$work/all.yaml"
  if grep -q 'image: sektor' "$work/all.yaml"; then echo "An image is left without a digest." >&2; exit 1; fi
  before=()
  for program in "${programs[@]}"; do
    revision="$(kubectl --namespace sektor get "$program" --ignore-not-found \
      --output 'jsonpath={.metadata.annotations.deployment\.kubernetes\.io/revision}')"
    if [[ -n "$revision" ]]; then before+=("${program#*/}=$revision"); fi
  done
  printf 'before=%s\nchanged=true\n' "${before[*]}" >> "${GITHUB_OUTPUT:-/dev/null}"
  # A Job cannot be changed.
  kubectl --namespace sektor delete job migrate --ignore-not-found
  kubectl apply --filename "$work/all.yaml"
  kubectl --namespace sektor wait --for=condition=complete --timeout=10m job/migrate
fi
for program in "${programs[@]}"; do kubectl --namespace sektor rollout status "$program" --timeout=15m; done
