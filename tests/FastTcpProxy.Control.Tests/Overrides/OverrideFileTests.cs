using System.Text;
using System.Text.Json.Nodes;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Overrides.Storage;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Overrides;

/// <summary>The state file on a real disk: what is written is read, and what cannot be used is set aside.</summary>
public sealed class OverrideFileTests : IDisposable
{
    private const string Entry =
        """{ "service": "s", "upstream": "a", "state": "Disabled", "reason": "", "author": "root", "at": "2026-03-01T12:00:00+00:00","""
        + """ "expires": null, "configuredAddress": "192.0.2.1:25", "configuredEnabled": true }""";

    private const string Order =
        """{ "service": "s", "names": ["b"], "reason": "", "author": "root", "at": "2026-03-01T12:00:00+00:00", "expires": null,"""
        + """ "configured": ["a", "b"] }""";

    private const string Whole =
        $$"""{ "format": "fasttcpproxy-overrides", "version": 1, "upstreams": [{{Entry}}], "orders": [{{Order}}] }""";

    private readonly TempFolder _folder = new("state");
    private readonly RecordingOverrideObserver _observer = new();

    private string StatePath => _folder[OverrideFile.Name];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Save_ThenLoad_GivesTheSame()
    {
        OverrideSnapshot snapshot = Overridden.Snapshot(Overridden.At.AddTicks(7));
        snapshot = snapshot.With(Overridden.State with { Service = "t", Upstream = "unix:/run/\"x\" ü.sock", ConfiguredEnabled = false });

        Assert.Null(new OverrideFile(_folder.Path).Save(snapshot, OverrideSnapshot.Empty));

        Assert.Equal(Overridden.Text(snapshot), Overridden.Text(Load()));
        Assert.Empty(_observer.Events);
        Assert.Equal([StatePath], Directory.GetFileSystemEntries(_folder.Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(StatePath));
    }

    [Fact]
    public void Load_NoDirectoryYet_MakesOneForItsOwnerAlone()
    {
        OverrideFile file = new(_folder["new/state"]);
        Assert.Equal(0, file.Load(_observer, out _)!.Count);
        Assert.Null(file.Save(Overridden.Snapshot(), OverrideSnapshot.Empty));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder["new/state"]));
        Assert.Empty(_observer.Events);
    }

    [Fact]
    public void Load_CutAtAnyByte_IsSetAside()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Whole);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(StatePath, whole[..length]);
            Assert.Equal(0, Load().Count);
            Assert.Equal(length + 1, _observer.Events.Length);
            Assert.False(File.Exists(StatePath));
            Assert.Equal(length, new FileInfo(StatePath + ".rejected").Length);
        }
        Assert.All(_observer.Events, e => Assert.StartsWith("set aside overrides.json to overrides.json.rejected: ", e));
    }

    public static TheoryData<string, string> Foreign => new()
    {
        { "[]", "not a state file" },
        { "null", "not a state file" },
        { "{}", "not a state file" },
        { "not JSON", "not a state file" },
        { "{\n  x", "or it is incomplete: line 2, column 3: 'x' is an invalid start of a property name" },
        { "\u0000", "not a state file" },
        { """{ "services": [] }""", "not a state file" },
        { Whole.Replace("fasttcpproxy-overrides", "other"), "its format is \"other\" 1, expected \"fasttcpproxy-overrides\" 1" },
        { Whole.Replace("\"version\": 1", "\"version\": 2"), "its format is \"fasttcpproxy-overrides\" 2" },
        { Whole.Replace("\"version\": 1", "\"version\": \"1\""), "not a state file" },
        { Whole.Replace("\"version\": 1", "\"version\": 1, \"version\": 1"), "not a state file" },
        { Whole.Replace("\"version\": 1", "\"version\": 1, \"unknown\": 1"), "not a state file" },
        { Whole + "x", "not a state file" },
        { Whole.Replace("\"upstreams\": [", "\"upstreams\": [null, "), "it holds an entry that is null" },
        { Whole.Replace("\"upstreams\": [", $"\"upstreams\": [{Entry}, "), "it names upstream \"a\" twice" },
        { Whole.Replace("\"orders\": [", $"\"orders\": [{Order}, "), "it names the order of service \"s\" twice" },
        { Whole.Replace("[\"b\"]", "[\"b\", null]"), "it holds an entry that is null" },
        { Whole.Replace("[\"b\"]", "null"), "not a state file" },
        { Whole.Replace("\"service\": \"s\", \"upstream\"", "\"service\": null, \"upstream\""), "not a state file" },
        { Whole.Replace("\"Disabled\"", "\"Gone\""), "not a state file" },
        { Whole.Replace("\"Disabled\"", "77"), "it holds the unknown state 77" },
        { Whole.Replace("\"Disabled\"", "\"Disabled, Draining\""), "it holds the unknown state 3" },
        { Whole.Replace("\"at\": \"2026", "\"at\": \"x2026"), "not a state file" },
        { Whole.Replace("\"reason\": \"\"", $"\"reason\": \"{new string('r', 257)}\""), "the reason has 257 characters" },
        { Whole.Replace("\"reason\": \"\"", "\"reason\": \"\\u0007\""), "contains a control character" },
        { string.Concat(Enumerable.Repeat("[", 100_000)), "not a state file" },
        { """{ "format": """ + string.Concat(Enumerable.Repeat("{\"a\":", 100_000)), "not a state file" },
    };

    [Theory]
    [MemberData(nameof(Foreign))]
    public void Load_Foreign_IsSetAsideWithTheReason(string text, string reason)
    {
        File.WriteAllText(StatePath, text);

        Assert.Equal(0, Load().Count);

        Assert.StartsWith("set aside overrides.json to overrides.json.rejected: ", Assert.Single(_observer.Events));
        Assert.Contains(reason, _observer.Events[0]);
        Assert.Equal(text, File.ReadAllText(StatePath + ".rejected"));
        Assert.False(File.Exists(StatePath));
    }

    /// <summary>Its keys are the members of the overrides in memory: a renamed one would lose what an earlier version has stored.</summary>
    [Fact]
    public void Save_ItsKeys_AreThoseOfVersion1()
    {
        File.WriteAllText(StatePath, Whole);
        OverrideFile file = new(_folder.Path);

        Assert.Null(file.Save(file.Load(_observer, out _)!, OverrideSnapshot.Empty));

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Whole), JsonNode.Parse(File.ReadAllText(StatePath))), File.ReadAllText(StatePath));
    }

    [Fact]
    public void Load_TheTextOfTheTable_IsValid()
    {
        File.WriteAllText(StatePath, Whole);
        Assert.Equal(2, Load().Count);
        Assert.Empty(_observer.Events);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Load_AtTheSizeLimit(int beyond, bool loads)
    {
        File.WriteAllText(StatePath, Whole + new string(' ', OverrideLimits.FileBytesMax + beyond - Whole.Length));
        Assert.Equal(loads ? 2 : 0, Load().Count);
        if (!loads) Assert.Contains($"the file has {OverrideLimits.FileBytesMax + 1} bytes, "
            + $"expected at most {OverrideLimits.FileBytesMax} bytes", Assert.Single(_observer.Events));
    }

    [Fact]
    public void Save_BeyondTheSizeLimit_IsRefusedAndLeavesTheOldOne()
    {
        OverrideFile file = new(_folder.Path);
        Assert.Null(file.Save(Overridden.Snapshot(), OverrideSnapshot.Empty));
        string before = File.ReadAllText(StatePath);
        OverrideSnapshot large =
            Many(100, Overridden.State with { ConfiguredAddress = new string('a', OverrideLimits.FileBytesMax / 100) });

        Assert.Contains("clear some overrides", file.Save(large, Overridden.Snapshot()));

        Assert.Equal(before, File.ReadAllText(StatePath));
    }

    [Fact]
    public void Load_TwiceRejected_TheLastIsKept()
    {
        File.WriteAllText(StatePath, "first");
        Load();
        File.WriteAllText(StatePath, "second");
        Load();
        Assert.Equal("second", File.ReadAllText(StatePath + ".rejected"));
    }

    [Theory]
    [InlineData("directory")]
    [InlineData("pipe")]
    [InlineData("device")]
    public async Task Load_NoRegularFile_IsNotReadAndTold(string kind)
    {
        if (kind == "directory") Directory.CreateDirectory(_folder["overrides.json/x"]);
        else if (kind == "device") File.CreateSymbolicLink(StatePath, "/dev/zero");
        else Assert.Equal(0, (await ChildProcess.RunAsync("/usr/bin/mkfifo", [StatePath])).ExitCode);

        OverrideSnapshot snapshot = await Task.Run(Load).WaitAsync(Deadline.Patient);

        Assert.Equal(0, snapshot.Count);
        Assert.StartsWith("set aside overrides.json to ", Assert.Single(_observer.Events));
    }

    [Fact]
    public void Links_OfTheFile_AreReadThroughAndReplaced()
    {
        string elsewhere = _folder.Write("elsewhere/real.json", Whole);
        Directory.CreateDirectory(_folder["state"]);
        string link = _folder["state/overrides.json"];
        File.CreateSymbolicLink(link, elsewhere);
        // A user who may write there could lead the content of the new file elsewhere.
        File.CreateSymbolicLink(link + ".new", _folder["victim"]);
        File.WriteAllText(_folder["victim"], "precious");
        OverrideFile file = new(_folder["state"]);
        Assert.Equal(2, file.Load(_observer, out _)!.Count);

        Assert.Null(file.Save(OverrideSnapshot.Empty, Overridden.Snapshot()));

        Assert.Equal((Whole, "precious"), (File.ReadAllText(elsewhere), File.ReadAllText(_folder["victim"])));
        Assert.Null(new FileInfo(link).LinkTarget);
        Assert.Equal(0, file.Load(_observer, out _)!.Count);
        Assert.Empty(_observer.Events);
    }

    [Fact]
    public void Save_WhatAKillHasLeft_IsReplaced()
    {
        File.WriteAllText(StatePath + ".new", new string('x', 100_000));
        Assert.Null(new OverrideFile(_folder.Path).Save(Overridden.Snapshot(), OverrideSnapshot.Empty));
        Assert.Equal([StatePath], Directory.GetFileSystemEntries(_folder.Path));
        Assert.Equal(2, Load().Count);
    }

    [Fact]
    public void Directory_CannotBeMade_IsSaidAndSavesAreRefused()
    {
        _folder.Write("file", "");
        OverrideFile file = new(_folder["file/state"]);

        Assert.Null(file.Load(_observer, out string? unread));

        string wrong = $"{_folder["file"]} is a file, expected a directory; move the file away, or set another admin.stateDirectory";
        Assert.Equal($"the state file {_folder["file/state/overrides.json"]} cannot be read: {wrong}", unread);
        Assert.Equal($"{_folder["file/state/overrides.json"]} cannot be written: {wrong}, then try again",
            file.Save(Overridden.Snapshot(), OverrideSnapshot.Empty));
        Assert.Equal(wrong, Assert.Throws<IOException>(() => StateLock.TryTake(_folder["file"], out _)).Message);
    }

    [Fact]
    public void Directory_IsRemoved_SavesSayThatItIsMissing() => Assert.Equal(
        $"{_folder["gone/overrides.json"]} cannot be written: {_folder["gone"]} is missing; create it, then try again",
        new OverrideFile(_folder["gone"]).Save(Overridden.Snapshot(), OverrideSnapshot.Empty));

    [Fact]
    public void Directory_CannotBeBroughtToTheDisk_TheOldStateIsPutBack()
    {
        int flushes = 0;
        OverrideFile file = new(_folder.Path, _ =>
        {
            if (++flushes == 1) throw new IOException("fsync: Input/output error");
        });

        string expected = $"{StatePath} cannot be written: fsync: Input/output error; check the disk and the permissions "
            + $"of {_folder.Path}, then try again";
        Assert.Equal(expected, file.Save(OverrideSnapshot.Empty, Overridden.Snapshot()));

        Assert.Equal(2, flushes);
        Assert.Equal(Overridden.Text(Overridden.Snapshot()), Overridden.Text(Load()));
    }

    [Fact]
    public void Directory_CanNeverBeBroughtToTheDisk_TheAnswerSaysWhatMayComeBack()
    {
        OverrideFile file = new(_folder.Path, _ => throw new IOException("fsync: Input/output error"));

        Assert.EndsWith("; the old content is restored, but not flushed to the disk: "
            + "the change may be in force after a crash of the machine", file.Save(OverrideSnapshot.Empty, Overridden.Snapshot()));

        Assert.Equal(Overridden.Text(Overridden.Snapshot()), Overridden.Text(Load()));
    }

    [Fact]
    public void Directory_CannotBeBroughtToTheDiskNorPutBack_TheAnswerSaysWhatHolds()
    {
        OverrideFile file = new(_folder.Path, _ =>
        {
            Directory.CreateDirectory(_folder["overrides.json.new/x"]);
            throw new IOException("fsync: Input/output error");
        });
        Assert.EndsWith("; and the old content could not be restored: the change may be in force after a restart",
            file.Save(OverrideSnapshot.Empty, Overridden.Snapshot()));
    }

    [Fact]
    public async Task Disk_FullOrReadOnly_IsAnErrorAndLeavesTheOldOne()
    {
        using TinyDisk disk = await TinyDisk.MountAsync(_folder.MakeFolder("disk"), kilobytes: 16);
        OverrideFile file = new(_folder["disk"]);
        Assert.Null(file.Save(Overridden.Snapshot(), OverrideSnapshot.Empty));
        string before = File.ReadAllText(_folder["disk/overrides.json"]);
        OverrideSnapshot large = Many(200, Overridden.State);

        Assert.Contains("No space left on device", file.Save(large, Overridden.Snapshot()));
        Assert.Equal([_folder["disk/overrides.json"]], Directory.GetFileSystemEntries(_folder["disk"]));
        await disk.MakeReadOnlyAsync();
        Assert.Contains("is on a file system that is mounted read-only; ", file.Save(OverrideSnapshot.Empty, Overridden.Snapshot()));

        Assert.Equal(before, File.ReadAllText(_folder["disk/overrides.json"]));
        Assert.Equal(2, file.Load(_observer, out _)!.Count);
    }

    private static OverrideSnapshot Many(int count, UpstreamOverride entry) =>
        Enumerable.Range(0, count).Aggregate(OverrideSnapshot.Empty, (all, i) => all.With(entry with { Upstream = $"u{i}" }));

    private OverrideSnapshot Load() => new OverrideFile(_folder.Path).Load(_observer, out _)!;
}
