using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Daemon.Tests.Behaviour;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Admin.Routes;

/// <summary>
/// Configurations that are shown, compared, sent and read again, on the real program. Each test begins with the first one, from the file.
/// </summary>
public sealed class ConfigurationRouteTests(RoutesBed bed) : IClassFixture<RoutesBed>, IAsyncLifetime
{
    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(bed.Proxy.ConfigurationPath, bed.Configuration());
        (await bed.Http.PostAsync("/v1/reload")).Is(200);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Config_IsTheTextInForce() => Assert.Equal(bed.Configuration(), (await bed.Http.GetAsync("/v1/config")).Is(200).Body);

    [Fact]
    public async Task Reload_TakesWhatTheFileSays()
    {
        await File.WriteAllTextAsync(bed.Proxy.ConfigurationPath, bed.Configuration(keys: "\"maxSessions\": 7,"));

        AdminAnswer answer = (await bed.Http.PostAsync("/v1/reload")).Is(200);

        Assert.True(answer.Json.GetProperty("applied").GetBoolean());
        Assert.Contains("maxSessions", Assert.Single(answer.Json.GetProperty("changes").EnumerateArray()).GetString());
        Assert.Equal(7, (await bed.Http.GetAsync("/v1/explain?service=mail&from=127.0.0.1")).Json.GetProperty("guards")
            .GetProperty("service").GetProperty("max").GetInt32());
        JsonElement config = (await bed.Http.GetAsync("/v1/status")).Json.GetProperty("config");
        Assert.Equal((bed.Proxy.ConfigurationPath, Environment.UserName),
            (config.GetProperty("source").GetString(), config.GetProperty("author").GetString()));
        await bed.WaitForAuditAsync(" 6200 ", "change=reload", "result=\"1 change\"");
    }

    [Fact]
    public async Task Reload_OfAWrongFile_ChangesNothing_AndStatusKeepsWhy()
    {
        AdminAnswer before = await bed.Http.GetAsync("/v1/config");
        await File.WriteAllTextAsync(bed.Proxy.ConfigurationPath, bed.Configuration(keys: "\"mod\": \"raw\", \"maxSessions\": -1,"));

        AdminAnswer answer = (await bed.Http.PostAsync("/v1/reload")).Is(422);

        Assert.False(answer.Json.GetProperty("applied").GetBoolean());
        Assert.Equal(2, answer.Json.GetProperty("errors").GetArrayLength());
        Assert.Equal(bed.Proxy.ConfigurationPath, answer.Json.GetProperty("errors")[0].GetProperty("file").GetString());
        Assert.Equal(before, await bed.Http.GetAsync("/v1/config"));
        JsonElement failure = (await bed.Http.GetAsync("/v1/status")).Json.GetProperty("config").GetProperty("lastFailure");
        Assert.Equal(2, failure.GetProperty("errors").GetArrayLength());
        await bed.WaitForAuditAsync(" 6201 ", "change=reload", "result=\"2 errors, which event 6111 lists\"");

        await InitializeAsync();
        Assert.Equal(JsonValueKind.Null,
            (await bed.Http.GetAsync("/v1/status")).Json.GetProperty("config").GetProperty("lastFailure").ValueKind);
    }

    [Fact]
    public async Task Reload_OfAMissingFile_SaysSo()
    {
        File.Delete(bed.Proxy.ConfigurationPath);

        Assert.Equal(ConfigurationCodes.FileMissing, Assert.Single(
            (await bed.Http.PostAsync("/v1/reload")).Is(422).Json.GetProperty("errors").EnumerateArray()).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Change_ThatNeedsARestart_IsRefusedWhole()
    {
        string text = bed.Configuration(keys: "\"maxSessions\": 7,", engine: "\"threads\": 3")
            .Replace(bed.StateDirectory, "/var/lib/other");

        AdminAnswer answer = (await bed.Http.PutAsync("/v1/config", text)).Is(422);

        Assert.Equal([ConfigurationCodes.NeedsRestart, ConfigurationCodes.NeedsRestart],
            answer.Json.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("code").GetString()));
        Assert.Equal(bed.Configuration(), (await bed.Http.GetAsync("/v1/config")).Body);
    }

    [Fact]
    public async Task Config_Sent_IsInForce_UntilTheFileIsReadAgain()
    {
        IPEndPoint other = FreePort.Loopback();
        string text = bed.Configuration(listen: other.ToString());
        AdminAnswer before = await bed.Http.GetAsync("/v1/config");

        AdminAnswer put = (await bed.Http.PutAsync("/v1/config", text, before.Tag)).Is(200);

        AdminAnswer now = await bed.Http.GetAsync("/v1/config");
        Assert.Equal((text, put.Tag), (now.Body, now.Tag));
        using (TestClient client = await TestClient.ConnectAsync(other)) await Ends.AssertEchoAsync(client);
        await Eventually.HoldsAsync(() => !ListeningSockets.Covers(bed.Listen), "the old listener is gone");
        Assert.Contains("sent by ", (await bed.Http.GetAsync("/v1/status")).Json.GetProperty("config").GetProperty("source").GetString());
        Assert.Contains("its tag is now " + put.Tag,
            (await bed.Http.PutAsync("/v1/config", bed.Configuration(), before.Tag)).Is(412).Detail);
        (await bed.Http.PutAsync("/v1/config", text, ifMatch: null)).Is(428);
        await bed.WaitForAuditAsync(" 6201 ", "change=configure", "has changed meanwhile");

        (await bed.Http.PostAsync("/v1/reload")).Is(200);
        using (TestClient client = await bed.JoinAsync()) await Ends.AssertEchoAsync(client);
    }

    [Fact]
    public async Task Reset_EndsTheSessionsOfListenersThatGo()
    {
        using TestClient old = await bed.JoinAsync();
        string text = bed.Configuration(listen: FreePort.Loopback().ToString());

        (await bed.Http.PutAsync("/v1/config?reset=true", text)).Is(200);

        await Ends.AssertResetAsync(old);
    }

    [Fact]
    public async Task NoReset_LetsThemGoOn()
    {
        using TestClient old = await bed.JoinAsync();

        (await bed.Http.PutAsync("/v1/config?reset=false", bed.Configuration(listen: FreePort.Loopback().ToString()))).Is(200);

        await Ends.AssertEchoAsync(old, "still here");
        (await bed.Http.PostAsync("/v1/reload?reset=yes")).Is(400);
    }

    [Fact]
    public async Task Address_ThatIsTaken_ChangesNothing()
    {
        using Socket taken = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();

        AdminAnswer answer = (await bed.Http.PutAsync("/v1/config", bed.Configuration(listen: taken.LocalEndPoint!.ToString()))).Is(422);

        Assert.Equal(ConfigurationCodes.CannotListen,
            Assert.Single(answer.Json.GetProperty("errors").EnumerateArray()).GetProperty("code").GetString());
        using TestClient client = await bed.JoinAsync();
    }

    [Fact]
    public async Task Diff_SaysWhatWouldChange_AndChangesNothing()
    {
        AdminAnswer before = await bed.Http.GetAsync("/v1/config");

        AdminAnswer diff = (await bed.Http.PostAsync("/v1/config/diff", bed.Configuration(keys: "\"idleTimeout\": \"5m\","))).Is(200);

        Assert.False(diff.Json.GetProperty("applied").GetBoolean());
        Assert.Contains("idleTimeout", Assert.Single(diff.Json.GetProperty("changes").EnumerateArray()).GetString());
        (await bed.Http.PostAsync("/v1/config/diff", "{")).Is(422);
        Assert.Equal(0, (await bed.Http.PostAsync("/v1/config/diff", before.Body)).Is(200).Json.GetProperty("changes").GetArrayLength());
        Assert.Equal(before, await bed.Http.GetAsync("/v1/config"));
    }

    [Theory]
    [InlineData("/v1/config", "PUT")]
    [InlineData("/v1/config/diff", "POST")]
    public async Task Text_AtTheLimitOfAFile_IsTaken_BeyondNot(string target, string method)
    {
        string text = bed.Configuration();
        string largest = text + new string(' ', ConfigurationFile.BytesMax - text.Length);

        (await bed.Http.SendAsync(new HttpMethod(method), target, largest, "*")).Is(200);
        (await bed.Http.SendAsync(new HttpMethod(method), target, largest + " ", "*")).Is(413);
    }

    [Fact]
    public async Task TwoOperators_WithTheSameTag_ExactlyOneWins()
    {
        using AdminHttp other = new(bed.Socket);
        for (int round = 0; round < 10; round++)
        {
            string tag = (await bed.Http.GetAsync("/v1/config")).Tag!;

            AdminAnswer[] answers = await Task.WhenAll(
                bed.Http.PutAsync("/v1/config", bed.Configuration(keys: $"\"maxSessions\": {100 + round},"), tag),
                other.PutAsync("/v1/config", bed.Configuration(keys: $"\"maxSessions\": {200 + round},"), tag));

            Assert.Equal([200, 412], answers.Select(a => a.Status).Order());
        }
    }
}
