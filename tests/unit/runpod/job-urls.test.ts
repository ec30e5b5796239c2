import { describe, expect, it } from "vitest";
import { createJobUrls } from "../../../services/runpod/job-urls.ts";

const addresses = {
  takeUrl: "https://api.example/v2/uç/job-take/$ID?gpu=RTX+4090",
  outputUrl: "https://api.example/v2/uç/job-done/$RUNPOD_POD_ID/$ID?gpu=RTX+4090",
  streamUrl: "https://api.example/v2/uç/job-stream/$RUNPOD_POD_ID/$ID",
  pingUrl: "https://api.example/v2/uç/ping/$RUNPOD_POD_ID",
};
const urls = createJobUrls(addresses, "pod 7");

describe("addresses of an endpoint", () => {
  it("put in the worker's id, and whether jobs run", () => {
    expect(urls.take(1, false)).toBe("https://api.example/v2/uç/job-take/pod%207?gpu=RTX+4090&job_in_progress=0");
    expect(urls.take(1, true)).toMatch(/&job_in_progress=1$/);
  });

  it("ask for several jobs at the address for several", () => {
    expect(urls.take(4, false)).toBe(
      "https://api.example/v2/uç/job-take-batch/pod%207?gpu=RTX+4090&batch_size=4&job_in_progress=0",
    );
  });

  it("ask for one job after the other where the address for several cannot be told", () => {
    const own = createJobUrls({ ...addresses, takeUrl: "https://api.example/next/$ID" }, "pod");
    expect(own.take(4, false)).toBe("https://api.example/next/pod?job_in_progress=0");
    expect(own.stops).toBeUndefined();
  });

  it("ask for cancelled jobs beside the address for taking", () => {
    expect(urls.stops).toBe("https://api.example/v2/uç/job-stop/pod%207?gpu=RTX+4090");
  });

  it("keep an id from the endpoint inside its own part of the path", () => {
    expect(urls.outcome("../$&?x=1", true)).toBe(
      "https://api.example/v2/uç/job-done/pod%207/..%2F%24%26%3Fx%3D1?gpu=RTX+4090&isStream=true",
    );
    expect(urls.part("a/b")).toBe("https://api.example/v2/uç/job-stream/pod%207/a%2Fb?isStream=false");
  });

  it("name the jobs in a heartbeat, and nothing where there are none", () => {
    expect(urls.ping(["a", "b"])).toBe("https://api.example/v2/uç/ping/pod%207?job_id=a%2Cb&runpod_version=sektor");
    expect(urls.ping([])).toBe("https://api.example/v2/uç/ping/pod%207?runpod_version=sektor");
  });
});
