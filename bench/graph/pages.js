export async function pages() {}
