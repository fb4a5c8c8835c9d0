import { SignJWT, errors, jwtVerify, type JWTPayload } from "jose";
import { StatusError } from "itty-router";

const KEY: Uint8Array = new TextEncoder().encode(process.env.TOKEN_KEY ?? "only for samples and tests, 32 bytes");
const ISSUER = "jose-zod";

export function sign(claims: JWTPayload): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).setIssuer(ISSUER).setIssuedAt().setExpirationTime("1h").sign(KEY);
}

/** The claims of a token of ours. */
export async function verify(token: string, why?: string): Promise<JWTPayload> {
  if (why) throw new Error(`an error ${why}`);
  try {
    const { payload } = await jwtVerify(token, KEY, { issuer: ISSUER });
    const { iat, exp, ...claims } = payload;
    return claims;
  } catch (thrown) {
    if (thrown instanceof errors.JOSEError) throw new StatusError(401, { reason: thrown.code });
    throw thrown;
  }
}
