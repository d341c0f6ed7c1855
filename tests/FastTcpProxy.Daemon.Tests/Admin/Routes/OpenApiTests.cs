using System.Text.RegularExpressions;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Admin.Routes;
using FastTcpProxy.Daemon.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastTcpProxy.Daemon.Tests.Admin.Routes;

/// <summary>
/// The description of the interface is true: it has the routes that there are, and answers are what it says (<see cref="AdminHttp"/> looks
/// at each).
/// </summary>
public sealed partial class OpenApiTests
{
    /// <summary>Routes are put together before anything runs.</summary>
    private static AdminRoute[] Routes { get; } = [.. AdminRoutes.All(new AdminTarget(null!, null!, null!, NullLogger.Instance))];

    [Fact]
    public void Routes_AreThoseOfTheProgram() =>
        Assert.Equal(Routes.Select(r => $"{r.Method} {r.Path}").Order(), OpenApiDocument.Current.Routes.Order());

    [Fact]
    public void Parameters_AreThoseOfTheProgram() => Assert.All(Routes, route =>
    {
        var operation = OpenApiDocument.Current.Paths.GetProperty(route.Path).GetProperty(route.Method.ToLowerInvariant());
        var parameters = operation.TryGetProperty("parameters", out var listed)
            ? listed.EnumerateArray().Select(p => (In: p.GetProperty("in").GetString(), Name: p.GetProperty("name").GetString()!)).ToArray()
            : [];
        Assert.Equal(route.Query.Order(), parameters.Where(p => p.In == "query").Select(p => p.Name).Order());
        // A comparison changes nothing, so it has no author.
        bool isChange = route.Method != "GET" && route.Path != "/v1/config/diff";
        Assert.Equal(isChange, parameters.Contains(("header", SudoUser.HeaderName)));
        Assert.Equal(InBraces().Matches(route.Path).Select(m => m.Groups[1].Value).Order(),
            parameters.Where(p => p.In == "path").Select(p => p.Name).Order());
    });

    [Fact]
    public void Documentation_HasEveryRoute()
    {
        string text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "admin-api.md"));

        Assert.All(Routes, route => Assert.Matches(new Regex($@"`[A-Z/ ]*{route.Method}[A-Z/ ]* {Regex.Escape(route.Path)}[`?]"), text));
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex InBraces();
}

/// <summary>The same document, from a running program.</summary>
public sealed class OpenApiRouteTests(RoutesBed bed) : IClassFixture<RoutesBed>
{
    [Fact]
    public async Task Document_IsServed() =>
        Assert.Equal("3.1.0", (await bed.Http.GetAsync("/v1/openapi.json")).Is(200).Json.GetProperty("openapi").GetString());
}
