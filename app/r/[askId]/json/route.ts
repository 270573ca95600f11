export { GET } from "../../../api/v1/asks/[askId]/route.ts";
