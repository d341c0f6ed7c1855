using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Protocol;
using Microsoft.AspNetCore.Http;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>
/// The description of the interface for programs (OpenAPI 3.1), written by hand and built into the program. Immutable, any thread.
/// </summary>
internal static class OpenApiRoute
{
    private const string Resource = "openapi.json";

    public static AdminRoute Route { get; } = new(HttpMethods.Get, AdminPaths.OpenApi,
        request => Answer.BytesAsync(request.Context, Read(), type: "application/json"));

    private static byte[] Read()
    {
        using Stream stream = typeof(OpenApiRoute).Assembly.GetManifestResourceStream(Resource)!;
        byte[] text = new byte[stream.Length];
        stream.ReadExactly(text);
        return text;
    }
}
