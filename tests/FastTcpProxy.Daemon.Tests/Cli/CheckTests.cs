using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Cli;

/// <summary><c>check</c> from outside, with files of every kind. Each test owns its folder.</summary>
public sealed class CheckTests : IDisposable
{
    private const string Good =
        """{ "services": [{ "name": "mail", "listen": ["127.0.0.1:2525"], "upstreams": [{ "name": "a", "address": "192.0.2.1:25" }] }] }""";

    private readonly TempFolder _folder = new("check");

    public static TheoryData<string, string, string> BadTexts => new()
    {
        { "not JSON", "services: []", "" },
        { "empty object", "{}", "services" },
        { "unknown key", Good.Replace("\"upstreams\"", "\"upstreems\": 1, \"upstreams\""), "upstreems" },
        { "duplicate name", """{ "services": [{ "name": "s", "listen": ["127.0.0.1:1"], "upstreams": [{"address":"192.0.2.1:1"}] }, """
            + """{ "name": "s", "listen": ["127.0.0.1:2"], "upstreams": [{"address":"192.0.2.1:1"}] }] }""", "\"s\"" },
        { "port 70000", Good.Replace("2525", "70000"), "70000" },
        { "empty list", Good.Replace("\"127.0.0.1:2525\"", ""), "listen" },
        { "zero timeout", Good.Replace("\"name\": \"mail\"", "\"name\": \"mail\", \"connectTimeout\": \"0s\""), "0s" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(BadTexts))]
    public async Task Check_BadText_IsOneClearErrorWithItsPlace(string what, string text, string expected)
    {
        string path = _folder.Write("bad.json", text);

        ProcessResult result = await CheckAsync(path);

        Assert.True(result.ExitCode == 1, what);
        string[] lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(lines, l => System.Text.RegularExpressions.Regex.IsMatch(l, @":\d+:\d+: error [A-Z]\d+: .+") && l.StartsWith(path)
            && l.Contains(expected));
        Assert.DoesNotContain("   at ", result.Error);
    }

    [Fact]
    public async Task Check_AdminBeyondThisMachineWithoutTls_IsRefusedByRunToo()
    {
        string token = _folder.Write("token", "0123456789abcdef\n");
        File.SetUnixFileMode(token, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string path = _folder.Write("open.json", Good[..^1] + """, "admin": { "listen": ["0.0.0.0:9470"], "tokenFile": "token" } }""");

        ProcessResult check = await CheckAsync(path);
        ProcessResult run = await ProxyExecutable.RunAsync(["run", "--config", path]);

        Assert.Equal((1, 1), (check.ExitCode, run.ExitCode));
        Assert.Contains(" error C053: admin.listen[0] is \"0.0.0.0:9470\"", check.Error);
        Assert.Contains(" error C053: admin.listen[0] is \"0.0.0.0:9470\"", run.Error);
    }

    [Fact]
    public async Task Check_SeveralErrors_AreAllReportedInOneRun()
    {
        string path = _folder.Write("bad.json",
            """{ "services": [{ "name": "m", "listen": ["127.0.0.1:70000"], "nonsense": 1, "upstreams": [] }] }""");

        ProcessResult result = await CheckAsync(path);

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(3, result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Check_NoSuchFile_IsOneError() => AssertOneError(await CheckAsync(_folder["missing.json"]), "no such file");

    [Fact]
    public async Task Check_Directory_IsOneError() => AssertOneError(await CheckAsync(_folder.Path), "directory");

    [Fact]
    public async Task Check_FileOf50MB_IsOneErrorAtOnce()
    {
        using (FileStream file = File.Create(_folder["big.json"])) file.SetLength(50_000_000);

        AssertOneError(await CheckAsync(_folder["big.json"]), "50000000 bytes");
    }

    [Fact]
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public async Task Check_NoPermission_IsOneError()
    {
        string path = _folder.Write("secret.json", Good);
        File.SetUnixFileMode(path, UnixFileMode.None);

        // The superuser may read every file, unless it gives the right to do so away (capabilities(7)).
        ProcessResult result = Environment.IsPrivilegedProcess
            ? await ChildProcess.RunAsync(
                "setpriv", ["--bounding-set=-dac_override,-dac_read_search", ProxyExecutable.FilePath, "check", "--config", path],
                environment: ProxyExecutable.Environment)
            : await CheckAsync(path);

        AssertOneError(result, "permission denied");
    }

    [Fact]
    public async Task Check_GoodFile_SummarizesTheServices()
    {
        string path = _folder.Write("good.json", Good);

        ProcessResult result = await CheckAsync(path);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal($"OK {path}: 1 service\n  mail: 127.0.0.1:2525 -> a 192.0.2.1:25 (proxy-v2); connect timeout 5s",
            result.Output.TrimEnd());
        Assert.Equal("", result.Error);
    }

    [Fact]
    public async Task Check_ThreeSlowUpstreams_WarnsAndExits0()
    {
        string path = _folder.Write("slow.json",
            """{ "services": [{ "name": "m", "listen": ["127.0.0.1:1"], "upstreams": [{"address":"192.0.2.1:1"},{"address":"192.0.2.2:1"}"""
            + """,{"address":"192.0.2.3:1"}] }] }""");

        ProcessResult result = await CheckAsync(path);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(": warning ", result.Error);
        Assert.StartsWith("OK ", result.Output);
    }

    [Fact]
    public async Task Run_BadFile_Exits1WithTheSameError()
    {
        string path = _folder.Write("bad.json", "{}");

        ProcessResult run = await ProxyExecutable.RunAsync(["run", "--config", path]);

        Assert.Equal(1, run.ExitCode);
        Assert.Equal((await CheckAsync(path)).Error, run.Error);
    }

    [Fact]
    public async Task Schema_IsJson()
    {
        ProcessResult result = await ProxyExecutable.RunAsync(["schema"]);

        Assert.Equal(0, result.ExitCode);
        using var schema = System.Text.Json.JsonDocument.Parse(result.Output);
        Assert.True(schema.RootElement.GetProperty("properties").TryGetProperty("services", out _));
    }

    /// <summary>What is longer than a line is broken between words; a path stays whole.</summary>
    [Theory]
    [InlineData("check --machine --config \"$0\"")]
    [InlineData("chekc")]
    [InlineData("status --socket \"$0\"")]
    public async Task Lines_OnATerminal_AreBrokenBetweenWords(string arguments)
    {
        const string More = """{ "name": "second", "address": "192.0.2.2:25" }, { "name": "third", "address": "192.0.2.3:25" }, """;
        string path = _folder.Write("good.json", Good.Replace("\"upstreams\": [", "\"upstreams\": [" + More));
        string command = $"stty cols 80; {ProxyExecutable.FilePath} {arguments.Replace("$0", path)}";
        ProcessResult result = await ChildProcess.RunAsync("/usr/bin/script", ["--quiet", "--command", command, "/dev/null"],
            environment: ProxyExecutable.Environment);

        string[] lines = result.Output.Replace("\e[?1h\e=", "").Replace("\r", "").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Any(line => line.StartsWith("  ", StringComparison.Ordinal)), result.Output);
        Assert.All(lines, line => Assert.True(line.Length <= 80 || !line.Trim().Contains(' '), line));
    }

    [Fact]
    public async Task Program_WithoutOneOfItsFiles_SaysThatItIsNotComplete()
    {
        string folder = Path.GetDirectoryName(ProxyExecutable.FilePath)!;
        foreach (string file in Directory.GetFiles(folder)) File.Copy(file, _folder[Path.GetFileName(file)]);
        File.Delete(_folder["FastTcpProxy.Engine.dll"]);

        ProcessResult result = await ChildProcess.RunAsync(_folder[Path.GetFileName(ProxyExecutable.FilePath)],
            ["check", "--config", _folder.Write("good.json", Good)], environment: ProxyExecutable.Environment);

        Assert.Equal(1, result.ExitCode);
        string line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("error: this program is not complete: ", line);
        Assert.EndsWith(" Install it again", line);
    }

    [Fact]
    public async Task Schema_FullDisk_IsOneError()
    {
        ProcessResult result = await ChildProcess.RunAsync("/bin/sh", ["-c", "\"$0\" schema >/dev/full", ProxyExecutable.FilePath],
            environment: ProxyExecutable.Environment);

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("error: standard output: ", Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Theory]
    [InlineData("check", "OK <stdin>: 1 service")]
    [InlineData("check", "<stdin>:1:3: error C020: the file has the unknown key \"sevices\", did you mean \"services\"?")]
    public async Task Check_StandardInput_IsRead(string command, string expected)
    {
        string text = expected.StartsWith("OK", StringComparison.Ordinal) ? Good : Good.Replace("services", "sevices");
        string path = _folder.Write("input.json", text);

        ProcessResult result = await ChildProcess.RunAsync("/bin/sh",
            ["-c", "cat \"$1\" | \"$0\" \"$2\" --config -", ProxyExecutable.FilePath, path, command],
            environment: ProxyExecutable.Environment);

        Assert.StartsWith(expected, result.Output + result.Error);
    }

    private static void AssertOneError(ProcessResult result, string expected)
    {
        Assert.Equal(1, result.ExitCode);
        string line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(": error ", line);
        Assert.Contains(expected, line);
    }

    private static Task<ProcessResult> CheckAsync(string path) => ProxyExecutable.RunAsync(["check", "--config", path]);
}
