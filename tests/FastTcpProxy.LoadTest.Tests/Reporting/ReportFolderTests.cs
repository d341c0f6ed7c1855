using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Reporting;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.LoadTest.Tests.Reporting;

public sealed class ReportFolderTests
{
    [Fact]
    public void Write_IntoANewFolder_HasEachFormat_AndNothingElse()
    {
        using TempFolder folder = new("report");
        string path = folder["new/one"];

        ReportFolder.Create(path);
        ReportFolder.Write(Samples.Run, Samples.Verdicts, path);

        Assert.Equal(["phases.csv", "report.html", "report.json", "report.md", "report.txt", "seconds.csv"],
            Directory.EnumerateFiles(path).Select(f => Path.GetFileName(f)).Order());
    }

    /// <summary>Those of an earlier run, of several proxies, and of NBomber.</summary>
    [Fact]
    public void Create_FolderOfEarlierReports_IsUsedAgain()
    {
        using TempFolder folder = new("report");
        ReportFolder.Write(Samples.Run, Samples.Verdicts, folder["out/haproxy"]);
        ReportFolder.Write(Samples.Run, Samples.Verdicts, folder["out"]);
        folder.Write("out/comparison.md", "");
        folder.Write("out/report.csv", "");
        folder.Write("out/nbomber-log-20260102.txt", "");

        ReportFolder.Create(folder["out"]);
    }

    [Theory]
    [InlineData("notes.txt")]
    [InlineData("haproxy/notes.txt")]
    [InlineData("haproxy/deeper/report.txt")]
    [InlineData(".git/config")]
    public void Create_FolderThatHoldsSomethingElse_IsRefusedAndLeftAlone(string other)
    {
        using TempFolder folder = new("report");
        ReportFolder.Write(Samples.Run, Samples.Verdicts, folder["out"]);
        string kept = folder.Write($"out/{other}", "mine");

        StageException refused = Assert.Throws<StageException>(() => ReportFolder.Create(folder["out"]));

        Assert.Equal($"--report {folder["out"]}: it holds {other.Split('/')[0]}, which is no report; name a new or an empty folder",
            refused.Message);
        Assert.Equal("mine", File.ReadAllText(kept));
        Assert.False(File.Exists(folder["out/report.tmp"]));
    }

    /// <summary>A link is not followed: what it leads to is not the folder's.</summary>
    [Fact]
    public void Create_FolderWithALink_IsRefused()
    {
        using TempFolder folder = new("report");
        folder.MakeFolder("out");
        Directory.CreateSymbolicLink(folder["out/haproxy"], folder.MakeFolder("elsewhere"));

        Assert.Throws<StageException>(() => ReportFolder.Create(folder["out"]));
    }

    /// <summary>A file in its place, and a place that cannot be written.</summary>
    [Theory]
    [InlineData("/etc/hostname")]
    [InlineData("/proc/reports")]
    [InlineData("/proc/self")]
    public void Create_CannotBe_SaysWhere(string path) =>
        Assert.StartsWith($"--report {path}: ", Assert.Throws<StageException>(() => ReportFolder.Create(path)).Message,
            StringComparison.Ordinal);
}
