using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace FastTcpProxy.Daemon.Admin.Requests;

/// <summary>Reads the body of a request, which is bounded whether its length is announced or not. Stateless, any thread.</summary>
internal static class RequestBody
{
    private const int FirstBytes = 4 * 1024;

    /// <summary>
    /// Refuses a body that says it is too long, before any of it comes, and bounds what the server takes of one that does not say.
    /// </summary>
    /// <exception cref="Refusal">It says so.</exception>
    public static void Bound(HttpContext context, int bytesMax)
    {
        if (context.Request.ContentLength > bytesMax) throw TooLong(bytesMax, $"{context.Request.ContentLength}");
        // Writable until the first read. The server counts what frames chunks too; without it the reader below is exact.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = 2L * bytesMax;
    }

    /// <summary>The whole body.</summary>
    /// <exception cref="Refusal">It is longer than <paramref name="bytesMax"/>, also when it came in chunks.</exception>
    public static async Task<byte[]> ReadAsync(HttpContext context, int bytesMax)
    {
        byte[] bytes = new byte[(int)Math.Min(context.Request.ContentLength ?? FirstBytes, bytesMax) + 1];
        int count = 0;
        while (true)
        {
            int read;
            try
            {
                read = await context.Request.Body.ReadAsync(bytes.AsMemory(count), context.RequestAborted);
            }
            catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
            {
                throw TooLong(bytesMax, "more");
            }
            if (read == 0) return bytes[..count];
            count += read;
            if (count > bytesMax) throw TooLong(bytesMax, "more");
            if (count == bytes.Length) Array.Resize(ref bytes, (int)Math.Min(2L * bytes.Length, bytesMax + 1L));
        }
    }

    /// <summary>A JSON object with no other keys than these.</summary>
    /// <param name="isOptional">Whether no body at all stands for an object without keys.</param>
    /// <exception cref="Refusal">415: the request says that it is something else. 413: it is too long. 400: it is no such object; the text
    /// says what and where.</exception>
    public static async Task<JsonBody> ReadObjectAsync(HttpContext context, int bytesMax, string[] keys, bool isOptional)
    {
        string? type = context.Request.ContentType;
        if (type is not null && !(MediaTypeHeaderValue.TryParse(type, out MediaTypeHeaderValue? media)
            && media.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)))
            throw new Refusal(StatusCodes.Status415UnsupportedMediaType, $"the Content-Type is {type}, expected application/json");
        byte[] bytes = await ReadAsync(context, bytesMax);
        return isOptional && bytes.Length == 0 ? JsonBody.Empty : JsonBody.Parse(bytes, keys);
    }

    private static Refusal TooLong(int bytesMax, string overMax) =>
        new(StatusCodes.Status413PayloadTooLarge, $"the body has {overMax} bytes, expected at most {bytesMax}");
}
