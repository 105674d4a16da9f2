import { expect, test } from "vitest";
import { collectParameters, percentEncode, readAuthorization, readForm } from "./oauth-parameters.ts";

test("the scheme is taken in any case, and another scheme is none", () => {
  expect(readAuthorization('oAuTh oauth_nonce="n"')).toEqual([["oauth_nonce", "n"]]);
  expect(readAuthorization('Bearer oauth_nonce="n"')).toBeUndefined();
  expect(readAuthorization('OAuthx oauth_nonce="n"')).toBeUndefined();
  expect(readAuthorization(undefined)).toBeUndefined();
});

test("realm is left out, and spaces around pairs do not matter", () => {
  const pairs = readAuthorization('OAuth realm="x",\toauth_nonce="n" ,  oauth_token="a%2Fb%3D"');

  expect(pairs).toEqual([
    ["oauth_nonce", "n"],
    ["oauth_token", "a/b="],
  ]);
});

test("a pair with an unencoded equals sign in its value vanishes", () => {
  const pairs = readAuthorization('OAuth oauth_nonce="abc=",oauth_token="abc%3D"');

  expect(pairs).toEqual([["oauth_token", "abc="]]);
});

test("a plus in the header stays a plus, in a query it is a space", () => {
  expect(readAuthorization('OAuth oauth_token="a+b"')).toEqual([["oauth_token", "a+b"]]);
  expect(readForm("a=b+c&d=e%2Bf&g")).toEqual([
    ["a", "b c"],
    ["d", "e+f"],
    ["g", ""],
  ]);
});

test("header, query and form body are read together; a JSON body is not", () => {
  const call = {
    door: "api",
    scheme: "http",
    method: "POST",
    target: "/x?oauth_nonce=n&q=1",
    body: "f=2",
  } as const;
  const headers = { authorization: 'OAuth oauth_token="t"' };

  const form = collectParameters({
    ...call,
    headers: { ...headers, "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
  });
  const json = collectParameters({ ...call, headers: { ...headers, "content-type": "application/json" } });

  expect(form.oauth).toEqual([
    ["oauth_token", "t"],
    ["oauth_nonce", "n"],
  ]);
  expect(form.others).toEqual([
    ["q", "1"],
    ["f", "2"],
  ]);
  expect(json.others).toEqual([["q", "1"]]);
});

test("everything but letters, digits and four marks is percent-encoded", () => {
  expect(percentEncode("aZ0-._~ !'()*/+=é")).toBe("aZ0-._~%20%21%27%28%29%2A%2F%2B%3D%C3%A9");
});
