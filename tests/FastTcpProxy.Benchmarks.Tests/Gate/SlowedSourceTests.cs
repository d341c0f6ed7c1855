using FastTcpProxy.Gate.Running;
using FastTcpProxy.Gate.Trees;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Benchmarks.Tests.Gate;

/// <summary>The edit that makes a copy of the engine slower.</summary>
public sealed class SlowedSourceTests
{
    [Fact]
    public void Insert_OneMethod_BeginsWithTheStatement() => Assert.Equal(
        "class A\n{\n    void Run(int x)\n    {\n        Burn.Step();\n        x++;\n    }\n}",
        SlowedSource.Insert("class A\n{\n    void Run(int x)\n    {\n        x++;\n    }\n}", "void Run", "Burn.Step();"));

    [Theory]
    [InlineData("class A { }")]
    [InlineData("class A { void Run() { } void Run(int x) { } }")]
    [InlineData("class A { void Run() => Other(); }")]
    [InlineData("class A { void Runner() { } }")]
    public void Insert_NotExactlyOneMethodWithABody_IsRefused(string source) =>
        Assert.Null(SlowedSource.Insert(source, "void Run", "Burn.Step();"));

    /// <summary>The methods are where they are looked for: a commit that moves them fails here, and not in the self-test.</summary>
    [Fact]
    public void Apply_EngineAsItIs_FindsItsPlaces()
    {
        const string engine = "src/FastTcpProxy.Engine";
        using TempFolder copy = new("slowed");
        string from = Path.Combine(ProxyExecutable.RepositoryRoot, engine), to = Path.Combine(copy.Path, engine);
        foreach (string folder in new[] { "Sessions", "Relay" })
        {
            Directory.CreateDirectory(Path.Combine(to, folder));
            foreach (string file in Directory.EnumerateFiles(Path.Combine(from, folder)))
                File.Copy(file, Path.Combine(to, folder, Path.GetFileName(file)));
        }
        SlowedSource.Apply(copy.Path);
        Assert.Contains("{\n        Burn.Step();", File.ReadAllText(Path.Combine(to, "Relay/RelayDirection.cs")), StringComparison.Ordinal);
        Assert.Contains("{\n        Burn.Session();", File.ReadAllText(Path.Combine(to, "Sessions/Session.cs")), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(to, "Burn.cs")));
    }

    [Fact]
    public void Apply_TreeWithoutTheMethods_SaysWhatIsMissing()
    {
        using TempFolder empty = new("slowed");
        Assert.Contains("public void Begin", Assert.Throws<GateException>(() => SlowedSource.Apply(empty.Path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void BurnTimes_FirstGuess_AddsUpToTheCosts()
    {
        // 14 us of a connection, of which four steps of 1.5 us are a part; 3 us of a round trip are two steps.
        Dictionary<string, string> variables = BurnTimes.For(connectionUs: 14, roundTripUs: 3).ToEnvironment();
        Assert.Equal(("8000", "1500"), (variables[SlowedSource.SessionVariable], variables[SlowedSource.StepVariable]));
    }

    [Fact]
    public void BurnTimes_FoundTooLong_AreShortened()
    {
        BurnTimes corrected = new BurnTimes(8, 1.5).Corrected(wantedConnectionUs: 14, foundConnectionUs: 17, wantedRoundTripUs: 3,
            foundRoundTripUs: 6);
        // Half the step leaves 3 us less in a connection by itself, which is all that it took too long.
        Assert.Equal(new BurnTimes(8, 0.75), corrected);
    }

    [Fact]
    public void BurnTimes_NothingFound_KeepsTheStep() => Assert.Equal(1.5, new BurnTimes(8, 1.5).Corrected(14, 14, 3, -0.1).StepUs);
}
