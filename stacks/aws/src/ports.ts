export const HTTPS = 443;
export const POSTGRES = 5_432;
