using System.Text.Json;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Operators;

/// <summary><c>upstream</c>, the real program against a real proxy.</summary>
public sealed class UpstreamCommandTests
{
    [Fact]
    public async Task StateDirectoryIsAFile_IsSaid()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync(prepare: b => b.Folder.Write("state", "a file"));

        string line = await bed.Proxy.Child.Error.WaitForLineAsync(line => line.Contains(" 6106 ", StringComparison.Ordinal), "the lock");

        Assert.Contains($"admin.stateDirectory cannot be locked ({bed.Folder["state"]} is a file, expected a directory; ", line);
    }

    [Fact]
    public async Task Disable_TakesItOutAndSaysWhatHolds_EnablePutsItBack()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();

        ProcessResult disabled = await bed.RunAsync("upstream", "disable", "mail", "primary", "--reason", "new disk", "--for", "30m");
        using (TestClient client = await bed.JoinAsync())
        {
            Assert.Equal(0, bed.Primary.AcceptedCount);
            Assert.Equal(1, bed.Secondary.AcceptedCount);
        }
        string enabled = await bed.DoAsync("upstream enable mail primary");
        string again = await bed.DoAsync("upstream enable mail primary");

        Assert.Equal(0, disabled.ExitCode);
        Assert.Equal("", disabled.Error);
        Assert.Matches(
            @"^primary of mail: disabled by \S+ (just now|\d+s ago), until \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ "
            + @"\(in (30m|29m \d+s)\): new disk\n"
            + @"before: nothing was set\nit does not serve: disabled by .*: new disk\n1 of 2 upstreams of mail serves: secondary$",
            disabled.Output);
        Assert.Matches(@"^primary of mail: enabled by the configuration\nbefore: disabled by .*: new disk\nit serves\n2 of 2 upstreams of "
            + @"mail serve: primary, secondary$", enabled);
        Assert.Equal("primary of mail is enabled by the configuration, and nothing else was set: nothing to do", again);
    }

    [Fact]
    public async Task Enable_DisabledByTheConfiguration_OverridesIt()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();
        string text = bed.Configuration().Replace("\"name\": \"primary\",", "\"name\": \"primary\", \"enabled\": false,",
            StringComparison.Ordinal);
        File.WriteAllText(bed.Proxy.ConfigurationPath, text);
        await bed.DoAsync("reload");

        string enabled = await bed.DoAsync("upstream enable mail primary --for 1h");

        Assert.Matches(@"^primary of mail: enabled by .*, until .*\nbefore: nothing was set\nit serves\n2 of 2", enabled);
    }

    [Fact]
    public async Task Enable_ForATimeWithNothingToEnd_IsRefused()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();

        AssertFailed(await bed.RunAsync("upstream enable mail primary --for 1h"), 1,
            "is enabled by the configuration, so --for has no effect; nothing was done");
    }

    [Fact]
    public async Task Disable_TheLastOne_Warns_StatusExits3()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync(stored: false);

        string first = await bed.DoAsync("upstream disable mail primary");
        ProcessResult last = await bed.RunAsync("upstream disable mail secondary");
        ProcessResult status = await bed.RunAsync("status");
        ProcessResult json = await bed.RunAsync("status --json");

        Assert.Contains("note: the override is lost when the process exits, because it has no admin.stateDirectory", first);
        Assert.Equal(0, last.ExitCode);
        Assert.StartsWith("warning: no upstream of mail serves: its new clients are refused; why: primary: disabled by ", last.Error);
        Assert.Equal(3, status.ExitCode);
        Assert.Contains("not ready: service mail: no upstream serves", status.Output);
        Assert.Contains("overrides are lost when the process exits", status.Output);
        Assert.Equal(3, json.ExitCode);
        using JsonDocument document = JsonDocument.Parse(json.Output);
        JsonElement upstream = document.RootElement.GetProperty("services")[0].GetProperty("upstreams")[0];
        Assert.Equal("disabled", upstream.GetProperty("override").GetProperty("state").GetString());
        Assert.False(upstream.GetProperty("serving").GetBoolean());
    }

    [Fact]
    public async Task Disable_Json_IsTheAnswer()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();

        using JsonDocument set = JsonDocument.Parse(await bed.DoAsync("upstream disable mail primary --json"));
        using JsonDocument cleared = JsonDocument.Parse(await bed.DoAsync("upstream enable mail primary --json"));

        Assert.Equal("disabled", set.RootElement.GetProperty("state").GetString());
        Assert.Equal(JsonValueKind.Null, set.RootElement.GetProperty("expires").ValueKind);
        Assert.All([set, cleared],
            answer => Assert.Equal("mail", answer.RootElement.GetProperty("service").GetProperty("name").GetString()));
        Assert.False(cleared.RootElement.TryGetProperty("state", out _));
        Assert.Equal("null", await bed.DoAsync("upstream enable mail primary --json"));
    }

    [Fact]
    public async Task StaleTag_OfTwoOperators_TheSecondIsTold()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();
        using AdminClient first = new(new UnixTransport(bed.Socket), AdminClient.Patience);
        string target = AdminPaths.ToOverride("mail", "primary");
        AdminAnswer seen = await first.GetAsync(target);
        await bed.DoAsync("upstream disable mail primary --reason disk");

        AdminRefusedException e = await Assert.ThrowsAsync<AdminRefusedException>(() =>
            first.AskAsync(new AdminQuestion(HttpMethod.Delete, target) { IfMatch = seen.Tag }));

        Assert.Equal(412, e.Status);
        Assert.Matches(@"^now it is disabled by \S+ .*: disk$", OverrideText.DescribeAny(e.Problem!.Current, DateTime.UtcNow));
        Assert.Contains("disabled", await bed.DoAsync("upstream list mail"));
    }

    /// <summary>
    /// One to read what is set and its tag, and one to change it, whose answer says what that leaves. To enable one also reads the
    /// configuration.
    /// </summary>
    [Theory]
    [InlineData("upstream disable mail primary", "GET PUT")]
    [InlineData("upstream drain mail primary --reason disk", "GET PUT")]
    [InlineData("upstream order mail secondary", "GET PUT")]
    [InlineData("upstream undrain mail secondary", "GET DELETE")]
    [InlineData("upstream enable mail secondary", "GET GET DELETE")]
    public async Task Change_AsksTheProxyTwice(string line, string methods)
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();
        if (line.EndsWith("enable mail secondary", StringComparison.Ordinal) || line.Contains("undrain", StringComparison.Ordinal))
            await bed.DoAsync("upstream drain mail secondary");
        await using RequestRecorder recorder = new(bed.Socket, bed.Folder["seen.sock"]);

        ProcessResult result = await ProxyExecutable.RunAsync([.. line.Split(' '), "--socket", recorder.Path]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("upstreams of mail serve", result.Output);
        Assert.Equal(methods, string.Join(' ', recorder.Requests.Select(r => r.Split(' ')[0])));
    }

    [Theory]
    [InlineData("upstream disable mail primry",
        "service mail has no upstream primry, expected one of primary, secondary; did you mean primary?")]
    [InlineData("upstream disable mial primary", "there is no service mial, expected one of mail; did you mean mail?")]
    [InlineData("upstream order mail secondary primry",
        "service mail has no upstream primry, expected one of primary, secondary; did you mean primary?")]
    [InlineData("upstream order mial secondary", "there is no service mial, expected one of mail; did you mean mail?")]
    [InlineData("upstream list mial", "there is no service mial, expected one of mail; did you mean mail?")]
    [InlineData("upstream undrain mail unix:/run/x%2F..",
        "service mail has no upstream unix:/run/x%2F.., expected one of primary, secondary")]
    [InlineData("upstream drain mail ..", "service mail has no upstream .., expected one of primary, secondary")]
    [InlineData("upstream drain mail /\u001b[2J", "service mail has no upstream /\\u001b[2J, expected one of primary, secondary")]
    [InlineData("explain --service mial --from 192.0.2.7", "there is no service mial, expected one of mail; did you mean mail?")]
    public async Task UnknownName_IsSaidWithTheNearest(string line, string said)
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();

        ProcessResult result = await bed.RunAsync(line);

        Assert.Equal((1, $"error: {said}"), (result.ExitCode, result.Error));
    }

    /// <summary>The number alone means this process's; what is said has the whole id.</summary>
    [Fact]
    public async Task UnknownSession_IsSaidByItsWholeId()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();

        ProcessResult result = await bed.RunAsync("sessions kill 1");

        Assert.Equal(1, result.ExitCode);
        Assert.Matches("^error: there is no session [0-9a-f]{12}-1, or it has closed$", result.Error.TrimEnd());
    }

    [Fact]
    public async Task Order_IsTriedInItAndGoesBack()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();

        string set = await bed.DoAsync("upstream order mail secondary --reason slow");
        using (TestClient client = await bed.JoinAsync()) Assert.Equal((0, 1), (bed.Primary.AcceptedCount, bed.Secondary.AcceptedCount));
        string list = await bed.DoAsync("upstream list mail");
        string back = await bed.DoAsync("upstream order mail --configured");
        string again = await bed.DoAsync("upstream order mail --configured");

        Assert.Matches(@"^mail: order secondary set by .*: slow\nbefore: the order of the configuration\ntried in this order "
            + @"now: secondary, primary\n2 of 2 ", set);
        Assert.Matches(@"order secondary set by .*: slow\nPlace .*\n +2  secondary .*\n +1  primary", list);
        Assert.Matches(@"^mail: the order of the configuration\nbefore: order secondary set by .*: "
            + @"slow\ntried in this order now: primary, secondary\n", back);
        Assert.Equal("mail is tried in the order of the configuration already: nothing to do", again);
    }

    [Fact]
    public async Task Order_NameTwice_IsRefused()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();

        AssertFailed(await bed.RunAsync("upstream order mail primary primary"), 1, "names \"primary\" twice, expected each upstream once");
    }

    [Fact]
    public async Task List_Json_IsThePartOfTheStatus()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();

        using JsonDocument one = JsonDocument.Parse(await bed.DoAsync("upstream list mail --json"));
        using JsonDocument all = JsonDocument.Parse(await bed.DoAsync("upstream list --json"));

        Assert.Equal("mail", one.RootElement.GetProperty("name").GetString());
        Assert.Equal("mail", all.RootElement[0].GetProperty("name").GetString());
    }

    internal static void AssertFailed(ProcessResult result, int code, string said)
    {
        Assert.Equal(code, result.ExitCode);
        Assert.StartsWith("error: ", result.Error);
        Assert.Contains(said, result.Error);
        Assert.DoesNotContain('\n', result.Error.TrimEnd('\n'));
    }
}
