using System.Text;
using FastTcpProxy.Daemon.Logging.Targets;
using FastTcpProxy.Testing.Processes;
using Microsoft.Extensions.Time.Testing;

namespace FastTcpProxy.Daemon.Tests.Logging;

/// <summary>The file of the session log. Each test owns its folder.</summary>
public sealed class LogFileTests : IDisposable
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    private readonly TempFolder _folder = new("log");
    private readonly FakeTimeProvider _time = new();

    private string FilePath => _folder["s.log"];

    [Fact]
    public void Open_NewFile_HasItsModeWhateverTheUmask_AndOneThatIsThereKeepsIts()
    {
        Open().Dispose();
        Assert.Equal(Mode, File.GetUnixFileMode(FilePath));

        File.SetUnixFileMode(FilePath, UnixFileMode.UserWrite | UnixFileMode.UserRead);
        Open().Dispose();
        Assert.Equal(UnixFileMode.UserWrite | UnixFileMode.UserRead, File.GetUnixFileMode(FilePath));
    }

    [Fact]
    public void Write_TwoProcesses_AppendToEachOther()
    {
        using LogFile one = Open(), two = Open();
        Write(one, "a\n");
        Write(two, "b\n");
        Write(one, "c\n");

        Assert.Equal("a\nb\nc\n", File.ReadAllText(FilePath));
    }

    [Fact]
    public void Reopen_FileWasMoved_NothingMoreIsWrittenThere()
    {
        using LogFile file = Open();
        Write(file, "old\n");
        File.Move(FilePath, FilePath + ".1");
        Write(file, "still old\n");

        Assert.Equal(new ReopenOutcome(FilePath, null), file.Reopen());

        Write(file, "new\n");
        Assert.Equal("old\nstill old\n", File.ReadAllText(FilePath + ".1"));
        Assert.Equal("new\n", File.ReadAllText(FilePath));
    }

    [Fact]
    public void Reopen_Impossible_TheFileThatIsOpenStays()
    {
        using LogFile file = Open();
        File.Move(FilePath, FilePath + ".1");
        Directory.CreateDirectory(FilePath);

        Assert.Contains(FilePath, file.Reopen().Error);

        Write(file, "kept\n");
        Assert.Equal("kept\n", File.ReadAllText(FilePath + ".1"));
    }

    /// <summary>The rotation's signal does not reach an earlier process that drains.</summary>
    [Fact]
    public void Write_AnotherFileTookItsPlace_IsFollowedWithinASecond_AndAMissingOneIsNotMade()
    {
        using LogFile file = Open();
        File.Move(FilePath, FilePath + ".1");
        _time.Advance(TimeSpan.FromSeconds(1.1));
        Write(file, "old\n");
        Assert.False(File.Exists(FilePath));

        File.WriteAllText(FilePath, "");
        Write(file, "old too\n");
        _time.Advance(TimeSpan.FromSeconds(1.1));
        Write(file, "new\n");

        Assert.Equal("old\nold too\n", File.ReadAllText(FilePath + ".1"));
        Assert.Equal("new\n", File.ReadAllText(FilePath));
    }

    /// <summary>No reader finds a file that was deleted, and its bytes would fill the disk unseen.</summary>
    [Fact]
    public void Write_FileWasDeleted_IsMadeAnewWithinASecond()
    {
        using LogFile file = Open();
        File.Delete(FilePath);
        _time.Advance(TimeSpan.FromSeconds(1.1));
        Write(file, "new\n");

        Assert.Equal("new\n", File.ReadAllText(FilePath));
        Assert.Equal(Mode, File.GetUnixFileMode(FilePath));
    }

    [Fact]
    public void Write_FileWasDeletedAndCannotBeMade_IsAnErrorUntilItCan()
    {
        using LogFile file = Open();
        File.Delete(FilePath);
        Directory.CreateDirectory(FilePath);
        _time.Advance(TimeSpan.FromSeconds(1.1));
        const int directory = 21;
        Assert.Equal(-directory, file.Write("lost\n"u8));
        Assert.Equal(-directory, file.Write("lost\n"u8));

        Directory.Delete(FilePath);
        _time.Advance(TimeSpan.FromSeconds(1.1));
        Write(file, "new\n");
        Assert.Equal("new\n", File.ReadAllText(FilePath));
    }

    [Fact]
    public void Write_LinkToAFile_IsNotTakenForAnotherFile()
    {
        File.WriteAllText(_folder["real"], "");
        File.CreateSymbolicLink(FilePath, _folder["real"]);
        using LogFile file = Open();
        _time.Advance(TimeSpan.FromSeconds(1.1));
        Write(file, "x\n");

        Assert.Equal("x\n", File.ReadAllText(_folder["real"]));
    }

    [Theory]
    [InlineData("{\"time\":\"2026", "{\"time\":\"2026\nnext\n")]
    [InlineData("whole\n", "whole\nnext\n")]
    [InlineData("", "next\n")]
    public void Open_AfterAProcessThatWasKilled_EndsItsLine(string before, string after)
    {
        File.WriteAllText(FilePath, before);
        using LogFile file = Open();
        Write(file, "next\n");

        Assert.Equal(after, File.ReadAllText(FilePath));
    }

    [Fact]
    public async Task Open_NoFile_SaysWhy()
    {
        Assert.Contains($"the directory {_folder["no"]} does not exist", Refused(_folder["no/s.log"]));
        Assert.Contains("Is a directory", Refused(_folder.Path));
        string pipe = _folder["pipe"];
        await ChildProcess.RunAsync("/usr/bin/mkfifo", [pipe]);
        Assert.Contains(pipe, Refused(pipe));
        Assert.Contains("is not a regular file", Refused("/dev/full"));
    }

    public void Dispose() => _folder.Dispose();

    private LogFile Open() => LogFile.Open(FilePath, Mode, _time);

    private string Refused(string path) =>
        Assert.Throws<LogTargetException>(() => LogFile.Open(path, Mode, _time)).Message;

    private static void Write(LogFile file, string text) => Assert.Equal(text.Length, file.Write(Encoding.ASCII.GetBytes(text)));
}
