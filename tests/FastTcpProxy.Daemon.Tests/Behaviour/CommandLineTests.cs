using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>Wrong command lines and files, given to the program itself: one clear error each, and never a stack trace.</summary>
public sealed class CommandLineTests
{
    public static TheoryData<string, int> Wrong => new()
    {
        { "", 2 },
        { "nonsense", 2 },
        { "run", 2 },
        { "run --config missing.json", 1 },
        { "run --config FOLDER", 1 },
        { "run --config FILE --threads 0", 2 },
        { "run --config FILE --log-format xml", 2 },
        { "run --config FILE --nonsense", 2 },
        { "run --config FILE extra", 2 },
        { "run --config /proc/self/mem", 1 },
        { "check --config missing.json", 1 },
        { "header decode missing.bin", 2 },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task CommandLine_Wrong_IsOneClearError(string line, int exitCode)
    {
        using TempFolder folder = new("wrong");
        string file = folder.Write("proxy.json", ServiceText.Of("127.0.0.1:1", ["127.0.0.1:2"]));
        string[] arguments = line.Replace("FILE", file, StringComparison.Ordinal).Replace("FOLDER", folder.Path, StringComparison.Ordinal)
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        AssertClear(await ProxyExecutable.RunAsync(arguments), exitCode);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("\0\0\0")]
    [InlineData("""{ "services": [{ "name": "s", "listen": ["127.0.0.1:70000"], "upstreams": [{ "address": "127.0.0.1:2" }] }] }""")]
    [InlineData("""{ "services": [{ "name": "s", "listen": ["127.0.0.1:1"], "upstreams": [{ "address": "127.0.0.1:2" }],"""
        + """ "connectTimeout": "0s" }] }""")]
    [InlineData("""{ "services": [{ "name": "s", "listen": ["127.0.0.1:1"], "upstreams": [{ "address": "127.0.0.1:2" }],"""
        + """ "conectTimeout": "1s" }] }""")]
    public async Task Configuration_Wrong_IsAnErrorWithItsPlace(string text)
    {
        using TempFolder folder = new("wrong");
        string file = folder.Write("proxy.json", text);
        ProcessResult result = await ProxyExecutable.RunAsync(["run", "--config", file]);

        AssertClear(result, 1);
        Assert.Matches(@"proxy\.json:\d+:\d+: error C\d+: ", result.Error);
    }

    private static void AssertClear(ProcessResult result, int exitCode)
    {
        Assert.Equal(exitCode, result.ExitCode);
        Assert.NotEqual("", result.Error);
        foreach (string sign in (string[])["   at ", "Unhandled", "defect"]) Assert.DoesNotContain(sign, result.Error);
        Assert.InRange(result.Error.Split('\n').Length, 1, 6);
    }
}
