using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>The reference of the keys says what the program does: it is made from the program's own description.</summary>
public sealed class ConfigurationReferenceTests
{
    private const string Rewrite = "FASTTCPPROXY_WRITE_DOCUMENTS";

    [Fact]
    public void Reference_IsWhatTheDescriptionSays()
    {
        string path = Path.Combine(ProxyExecutable.RepositoryRoot, "src/docs/configuration.md");
        string made = ConfigurationReference.Write();

        if (Environment.GetEnvironmentVariable(Rewrite) == "1") File.WriteAllText(path, made);

        string written = File.Exists(path) ? File.ReadAllText(path) : "";
        Assert.True(written == made, $"{path} is not what the description says, from line {FirstDifference(written, made)}: "
            + $"run this test with {Rewrite}=1, and commit what it wrote");
    }

    private static int FirstDifference(string written, string made) =>
        1 + written.Split('\n').Zip(made.Split('\n')).TakeWhile(pair => pair.First == pair.Second).Count();
}
