using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Operations;

/// <summary>The native build, by the README's command. It takes minutes, so it runs on request: FASTTCPPROXY_PUBLISH=1.</summary>
public sealed class PublishTests
{
    [Fact]
    public async Task NativeBuild_ByTheReadmesCommand_IsOneFileThatRuns()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("FASTTCPPROXY_PUBLISH") == "1",
            "it takes minutes: set FASTTCPPROXY_PUBLISH=1");
        using TempFolder folder = new("publish");
        string printed = ReadmeSteps.Read().Select(step => step.Command)
            .Single(command => command?.StartsWith("dotnet publish ", StringComparison.Ordinal) ?? false)!;
        string command = printed.Split('#')[0].TrimEnd();
        Assert.EndsWith(" -o out", command);
        string output = folder["out"];

        ProcessResult publish = await ChildProcess.RunAsync("/bin/sh",
            ["-c", $"cd '{ProxyExecutable.RepositoryRoot}' && {command[..^"out".Length]}'{output}'"], within: TimeSpan.FromMinutes(10));
        ProcessResult version = await ChildProcess.RunAsync(Path.Combine(output, "fasttcpproxy"), ["--version"]);

        Assert.True(publish.ExitCode == 0, publish.Output + publish.Error);
        Assert.Equal(0, version.ExitCode);
    }
}
