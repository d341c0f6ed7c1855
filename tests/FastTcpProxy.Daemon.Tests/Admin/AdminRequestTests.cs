using System.Text;
using System.Text.Json;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Testing.Net;

namespace FastTcpProxy.Daemon.Tests.Admin;

/// <summary>What routes are given of a request, and what is refused before they see it, on a real socket.</summary>
public sealed class AdminRequestTests
{
    /// <summary>Answers what it was given.</summary>
    private static readonly AdminRoute Things = new("GET", "/v1/things/{thing}/parts/{part}", r => Answer.TextAsync(r.Context,
        $"{r.Segment("thing")}|{r.Segment("part")}|{r.Query.Text("name")}|{r.Query.Number("limit", 1, 1000)}|{r.Query.Flag("all")}"))
    {
        Query = ["name", "limit", "all"],
    };

    private static readonly AdminRoute Put = new("PUT", "/v1/body", async r =>
    {
        JsonBody body = await r.ReadObjectAsync("state", "reason", "names");
        await Answer.TextAsync(r.Context, $"{body.Text("state")}|{body.TextOrNull("reason")}|{string.Join(',', body.Texts("names"))}");
    });

    private static readonly AdminRoute Optional = new("POST", "/v1/body", async r =>
        await Answer.TextAsync(r.Context, (await r.ReadObjectOrNothingAsync("timeout")).TextOrNull("timeout") ?? "none"));

    private static readonly AdminRoute Long = new("PUT", "/v1/long",
        async r => await Answer.TextAsync(r.Context, $"{(await r.ReadBytesAsync()).Length}"))
    {
        BodyBytesMax = 1024 * 1024,
    };

    private static readonly AdminRoute Tagged = new("PUT", "/v1/tagged", r =>
    {
        EntityTag condition = r.RequireIfMatch();
        if (!condition.Matches("a1"))
            throw Refusal.Changed("a1", new ProblemDocument("t", "t", 1, "d"), DocumentContext.Default.ProblemDocument);
        return Answer.JsonAsync(r.Context, new ProblemDocument("changed", "t", 1, "d"), DocumentContext.Default.ProblemDocument, tag: "a2");
    });

    private static readonly AdminRoute TaggedNothing = new("DELETE", "/v1/tagged",
        _ => throw Refusal.Changed("a1", null, DocumentContext.Default.ProblemDocument));

    [Theory]
    [InlineData("/v1/things/a/parts/b", "a|b|||False")]
    [InlineData("/v1/%74hings/a%20b/parts/unix%3A%2Frun%2Fx.sock", "a b|unix:/run/x.sock|||False")]
    [InlineData("/v1/things/unix:/parts/%252F", "unix:|%2F|||False")]
    [InlineData("/v1/things/../parts/%2e", "..|.|||False")]
    [InlineData("/v1/things/a+b/parts/%C3%A9", "a+b|\u00e9|||False")]
    [InlineData("/v1/things/a/parts/b?", "a|b|||False")]
    [InlineData("/v1/things/a/parts/b?name=x%26y=z%3Fa?b&limit=1000&all=true&", "a|b|x&y=z?a?b|1000|True")]
    [InlineData("/v1/things/a/parts/b?%6Eame=&all=false", "a|b|||False")]
    [InlineData("http://localhost/v1/things/a/parts/b?name=n", "a|b|n||False")]
    public async Task Path_IsDecodedOnce(string target, string expected)
    {
        await using AdminBed bed = await AdminBed.StartAsync(routes: Things);

        Assert.Equal(expected + "\n", Utf8(AdminBed.Body(await bed.AskAsync("GET " + target), 200)));
    }

    [Theory]
    [InlineData("/v1/things//parts/b", 404, "no route has this path")]
    [InlineData("/v1/things/a/parts/b/", 404, "no route has this path")]
    [InlineData("/v1/things/a/b/parts/c", 404, "no route has this path")]
    [InlineData("*", 404, "no route has this path")]
    [InlineData("/v1/things/%zz/parts/b", 400,
        "segment 3 of the path is malformed, expected characters percent-encoded as UTF-8, without %00")]
    [InlineData("/v1/things/a/parts/%", 400,
        "segment 5 of the path is malformed, expected characters percent-encoded as UTF-8, without %00")]
    [InlineData("/v1/things/a/parts/%4", 400,
        "segment 5 of the path is malformed, expected characters percent-encoded as UTF-8, without %00")]
    [InlineData("/v1/things/a/parts/%+4", 400,
        "segment 5 of the path is malformed, expected characters percent-encoded as UTF-8, without %00")]
    [InlineData("/v1/things/a/parts/%ff", 400,
        "segment 5 of the path is malformed, expected characters percent-encoded as UTF-8, without %00")]
    [InlineData("/v1/things/a/parts/%C0%AF", 400,
        "segment 5 of the path is malformed, expected characters percent-encoded as UTF-8, without %00")]
    [InlineData("/v1/things/a/parts/b?name=%00", 400,
        "query parameter \\u0022name=%00\\u0022 is malformed, expected name=value, characters percent-encoded as UTF-8, without %00")]
    [InlineData("/v1/things/a/parts/b?name=%e9", 400,
        "query parameter \\u0022name=%e9\\u0022 is malformed, expected name=value, characters percent-encoded as UTF-8, without %00")]
    [InlineData("/v1/things/a/parts/b?name", 400,
        "query parameter \\u0022name\\u0022 is malformed, expected name=value, characters percent-encoded as UTF-8, without %00")]
    [InlineData("/v1/things/a/parts/b?=x", 400,
        "query parameter \\u0022=x\\u0022 is malformed, expected name=value, characters percent-encoded as UTF-8, without %00")]
    [InlineData("/v1/things/a/parts/b?Name=x", 400, "query parameter \\u0022Name\\u0022 is unknown here, expected name, limit, all")]
    [InlineData("/v1/status?a=b", 400, "query parameter \\u0022a\\u0022 is unknown here, expected none")]
    [InlineData("/v1/things/a/parts/b?name=x&%6eame=y", 400, "query parameter \\u0022name\\u0022 appears twice, expected once")]
    [InlineData("/v1/things/a/parts/b?limit=0", 400,
        "query parameter \\u0022limit\\u0022 is \\u00220\\u0022, expected a number from 1 to 1000")]
    [InlineData("/v1/things/a/parts/b?limit=1001", 400,
        "query parameter \\u0022limit\\u0022 is \\u00221001\\u0022, expected a number from 1 to 1000")]
    [InlineData("/v1/things/a/parts/b?limit=-1", 400,
        "query parameter \\u0022limit\\u0022 is \\u0022-1\\u0022, expected a number from 1 to 1000")]
    [InlineData("/v1/things/a/parts/b?limit=", 400,
        "query parameter \\u0022limit\\u0022 is \\u0022\\u0022, expected a number from 1 to 1000")]
    [InlineData("/v1/things/a/parts/b?all=1", 400, "query parameter \\u0022all\\u0022 is \\u00221\\u0022, expected true or false")]
    public async Task Target_Malformed_IsRefused(string target, int status, string detail)
    {
        await using AdminBed bed = await AdminBed.StartAsync(routes: Things);

        // OPTIONS is the one method that may have "*".
        string answer = await bed.AskAsync((target == "*" ? "OPTIONS " : "GET ") + target);

        Assert.Contains($"\"detail\":\"{detail}\"", AdminBed.Body(answer, status).Replace("\\u002B", "+"));
    }

    [Fact]
    public async Task Method_OfAnotherRouteAtThePath_ListsThem()
    {
        await using AdminBed bed = await AdminBed.StartAsync(routes: [Put, Optional]);

        string answer = await bed.AskAsync("GET /v1/body");

        AdminBed.Body(answer, 405);
        Assert.Contains("\r\nAllow: PUT, POST\r\n", answer);
    }

    [Theory]
    [InlineData("""{"state":"on","reason":null,"names":["a","b"]}""", "on||a,b")]
    [InlineData("""{"names":[],"reason":"\u00e9\ud83d\ude00","state":""}""", "|\u00e9\ud83d\ude00|")]
    public async Task Body_AsExpected_IsRead(string body, string expected)
    {
        await using AdminBed bed = await AdminBed.StartAsync(routes: Put);

        Assert.Equal(expected + "\n", Utf8(AdminBed.Body(await SendAsync(bed, "PUT", Encoding.UTF8.GetBytes(body)), 200)));
        Assert.Equal(expected + "\n", Utf8(AdminBed.Body(await SendChunkedAsync(bed, Encoding.UTF8.GetBytes(body)), 200)));
    }

    public static TheoryData<string, string> Wrong { get; } = new()
    {
        { "", "the body is empty, expected a JSON object" },
        { " \r\n\t", "the body is empty, expected a JSON object" },
        { "[]", "the body is a list, expected an object" },
        { "7", "the body is a number, expected an object" },
        { "{\"state\":\"on\"", "line 1, column 14: not JSON:" },
        { "{\"state\":\"on\",}", "line 1, column 15: not JSON:" },
        { "{\"state\":\"on\"} {}", "line 1, column 16: not JSON:" },
        { "{\"state\":\"on\"}x", "line 1, column 15: not JSON:" },
        { "{/**/}", "line 1, column 2: not JSON:" },
        { "{'state':'on'}", "line 1, column 2: not JSON:" },
        { "{\"reason\":\"a\0b\"}", "line 1, column 13: not JSON:" },
        { "\ufeff{}", "line 1, column 1: not JSON:" },
        { "{\n \"state\": \"on\",\n  \"state\": \"off\"}", "line 3, column 3: key \"state\" appears twice, expected once" },
        { "{\"state\":\"on\",\"st\\u0061te\":\"off\"}", "line 1, column 15: key \"state\" appears twice, expected once" },
        { "{\"names\":[{\"x\":{},\"x\":1}]}", "line 1, column 19: key \"x\" appears twice, expected once" },
        { "{\"reason\":\"\\u0000\"}", "line 1, column 11: a text contains NUL, expected none" },
        { "{\"\\u0000\":1}", "line 1, column 2: a text contains NUL, expected none" },
        { "{\"reason\":\"\\ud83d\"}", "line 1, column 11: a \\u escape is half of a surrogate pair, expected both halves" },
        { "{\"State\":\"on\"}", "key \"State\" is unknown here, expected state, reason, names" },
        { "{\"reason\":\"x\"}", "key \"state\" is missing, expected a text" },
        { "{\"state\":null}", "key \"state\" is missing, expected a text" },
        { "{\"state\":true}", "key \"state\" is true or false, expected a text" },
        { "{\"state\":\"on\",\"reason\":{}}", "key \"reason\" is an object, expected a text" },
        { "{\"state\":\"on\"}", "key \"names\" is missing, expected a list of texts" },
        { "{\"state\":\"on\",\"names\":\"a\"}", "key \"names\" is a text, expected a list of texts" },
        { "{\"state\":\"on\",\"names\":[\"a\",1.5]}", "item 2 of \"names\" is a number, expected a text" },
        { "{\"state\":\"on\",\"names\":[null]}", "item 1 of \"names\" is null, expected a text" },
        // At the limit it is the key that is wrong, one deeper the depth.
        { "{\"x\":[[[[[[[]]]]]]]}", "key \"x\" is unknown here, expected state, reason, names" },
        { "{\"x\":[[[[[[[[]]]]]]]]}", "line 1, column 13: the body is nested too deeply, expected at most 8 levels of objects and lists" },
        { "{\"x\":" + new string('[', 30_000),
            "line 1, column 13: the body is nested too deeply, expected at most 8 levels of objects and lists" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Body_Wrong_IsRefusedAndSaysWhere(string body, string detail)
    {
        await using AdminBed bed = await AdminBed.StartAsync(routes: Put);

        string answer = AdminBed.Body(await SendAsync(bed, "PUT", Encoding.UTF8.GetBytes(body)), 400);

        Assert.StartsWith(detail, JsonDocument.Parse(answer).RootElement.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Body_NotUtf8_IsRefused()
    {
        await using AdminBed bed = await AdminBed.StartAsync(routes: Put);

        string answer = await SendAsync(bed, "PUT", [.. "{\n\"state\":\""u8, 0xC3, .. "\"}"u8]);

        Assert.Contains("\"detail\":\"line 2, column 10: the body is not UTF-8\"", AdminBed.Body(answer, 400));
    }

    [Theory]
    [InlineData("", 200)]
    [InlineData("Content-Type: application/json\r\n", 200)]
    [InlineData("Content-Type: Application/JSON; charset=utf-8\r\n", 200)]
    [InlineData("Content-Type: application/x-www-form-urlencoded\r\n", 415)]
    [InlineData("Content-Type: text/plain\r\n", 415)]
    [InlineData("Content-Type: application/json, text/plain\r\n", 415)]
    [InlineData("Content-Type: json\r\n", 415)]
    public async Task Body_OfAnotherType_IsRefused(string type, int status)
    {
        await using AdminBed bed = await AdminBed.StartAsync(routes: Put);

        AdminBed.Body(await SendAsync(bed, "PUT", """{"state":"on","names":[]}"""u8.ToArray(), type), status);
    }

    [Theory]
    [InlineData("", "none")]
    [InlineData("{}", "none")]
    [InlineData("{\"timeout\":\"30s\"}", "30s")]
    public async Task Body_Optional_MayBeAbsent(string body, string expected)
    {
        await using AdminBed bed = await AdminBed.StartAsync(routes: Optional);

        Assert.Equal(expected + "\n", AdminBed.Body(await SendAsync(bed, "POST", Encoding.UTF8.GetBytes(body)), 200));
    }

    [Fact]
    public async Task Body_OfALongRoute_IsBoundedByTheRoute()
    {
        await using AdminBed bed = await AdminBed.StartAsync(routes: [Long, Put]);

        foreach (int length in new[] { 0, 1024 * 1024 })
        {
            Assert.Equal($"{length}\n", AdminBed.Body(await SendAsync(bed, "PUT", new byte[length], path: "/v1/long"), 200));
            Assert.Equal($"{length}\n", AdminBed.Body(await SendChunkedAsync(bed, new byte[length], "/v1/long"), 200));
        }
        Assert.Contains("expected at most 1048576",
            AdminBed.Body(await SendChunkedAsync(bed, new byte[(1024 * 1024) + 1], "/v1/long"), 413));
        Assert.Contains("expected at most 65536", AdminBed.Body(await SendChunkedAsync(bed, new byte[(64 * 1024) + 1]), 413));
    }

    [Theory]
    [InlineData("*", 200, "\"changed\"")]
    [InlineData("\"a1\"", 200, "\"changed\"")]
    [InlineData("\"a0\", \"a1\"", 200, "\"changed\"")]
    [InlineData("\"a0\"\r\nIf-Match: \"a1\"", 200, "\"changed\"")]
    [InlineData("\"a0\"", 412, "\"current\":{\"type\":\"t\",")]
    [InlineData("W/\"a1\"", 412, "\"current\":{\"type\":\"t\",")]
    [InlineData("\"A1\"", 412, "\"current\":{\"type\":\"t\",")]
    [InlineData("a1", 400, "If-Match is malformed")]
    [InlineData("\"a1", 400, "If-Match is malformed")]
    [InlineData("\"a1\", *", 400, "If-Match is malformed")]
    [InlineData("\"a1\" \"a2\"", 400, "If-Match is malformed")]
    [InlineData("", 400, "If-Match is malformed")]
    public async Task IfMatch_GuardsTheChange(string tags, int status, string expected)
    {
        await using AdminBed bed = await AdminBed.StartAsync(routes: Tagged);

        string answer = await bed.AskAsync("PUT /v1/tagged", $"If-Match: {tags}\r\n");

        Assert.Contains(expected, AdminBed.Body(answer, status));
        Assert.Equal(status == 200, answer.Contains("\r\nETag: \"a2\"\r\n"));
    }

    [Fact]
    public async Task IfMatch_Absent_IsRequired()
    {
        await using AdminBed bed = await AdminBed.StartAsync(routes: Tagged);

        Assert.Contains("\"title\":\"Precondition Required\"", AdminBed.Body(await bed.AskAsync("PUT /v1/tagged"), 428));
    }

    [Fact]
    public async Task Changed_WhereThereIsNothing_SaysNull()
    {
        await using AdminBed bed = await AdminBed.StartAsync(routes: TaggedNothing);

        Assert.EndsWith(",\"current\":null}\n", AdminBed.Body(await bed.AskAsync("DELETE /v1/tagged"), 412));
    }

    private static async Task<string> SendAsync(AdminBed bed, string method, byte[] body, string headers = "", string path = "/v1/body")
    {
        using TestClient client = await bed.ConnectAsync();
        byte[] head = Encoding.ASCII.GetBytes(
            $"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}Content-Length: {body.Length}\r\n\r\n");
        await client.SendAsync((byte[])[.. head, .. body]);
        return await client.ReceiveToEndAsync();
    }

    private static async Task<string> SendChunkedAsync(AdminBed bed, byte[] body, string path = "/v1/body")
    {
        using TestClient client = await bed.ConnectAsync();
        List<byte> request = [.. Encoding.ASCII.GetBytes($"PUT {path} HTTP/1.1\r\nHost: localhost\r\nConnection: "
            + "close\r\nTransfer-Encoding: chunked\r\n\r\n")];
        foreach (byte[] chunk in body.Chunk(30_000))
            request.AddRange([.. Encoding.ASCII.GetBytes($"{chunk.Length:x}\r\n"), .. chunk, .. "\r\n"u8]);
        await client.SendAsync((byte[])[.. request, .. "0\r\n\r\n"u8]);
        return await client.ReceiveToEndAsync();
    }

    /// <summary>The test client gives bytes as Latin-1.</summary>
    private static string Utf8(string received) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(received));
}
