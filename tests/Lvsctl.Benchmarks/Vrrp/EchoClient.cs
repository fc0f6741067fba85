using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Lvsctl.Linux.Processes;

namespace Lvsctl.Benchmarks.Vrrp;

/// <param name="From">When the last question before it was sent that was answered.</param>
/// <param name="To">When the first one after it was.</param>
readonly record struct Gap(long From, long To)
{
    public double Milliseconds => Beat.Milliseconds(From, To);
}

/// <summary>
/// Asks an address for an echo at a steady beat, and knows which questions were answered. The kernel of whoever has the address answers, so
/// there is no server to be late.
/// </summary>
sealed class EchoClient : IDisposable
{
    // Before everything that is measured.
    const int RealTimePriority = 50;
    const int HeaderLength = 8;
    const int Most = 200_000;

    // Of the kernel's queue, not of somebody who was there all the time.
    static readonly TimeSpan s_tooLate = TimeSpan.FromMilliseconds(20);

    readonly Socket _socket;
    readonly TimeSpan _beat;
    readonly long[] _sent = new long[Most];
    readonly bool[] _isAnswered = new bool[Most];
    readonly byte[] _question = new byte[HeaderLength + sizeof(int)];
    readonly byte[] _answer = new byte[256];
    readonly ushort _id = (ushort)Random.Shared.Next();
    volatile bool _isOver;
    int _count;
    Thread? _thread;

    public EchoClient(Space space, IPAddress address, TimeSpan beat)
    {
        _beat = beat;
        _socket = space.Inside(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Icmp) { Blocking = false, ReceiveBufferSize = 1 << 20 };
            socket.Connect(address, 0);
            return socket;
        });
    }

    public void Begin()
    {
        _isOver = false;
        _count = 0;
        Array.Clear(_isAnswered);
        // Of the last measurement.
        while (_socket.Receive(_answer, SocketFlags.None, out _) > 0) { }
        _thread = new Thread(Ask);
        _thread.Start();
    }

    /// <returns>The longest time between two questions that were answered while those between were not; none, if all were answered.</returns>
    public Gap End()
    {
        _isOver = true;
        _thread!.Join();
        var longest = default(Gap);
        var last = -1;
        for (var i = 0; i < _count; i++)
        {
            if (!_isAnswered[i]) continue;
            // Where nothing was lost between, it was the client who did not ask.
            if (last >= 0 && i > last + 1 && _sent[i] - _sent[last] > longest.To - longest.From) longest = new(_sent[last], _sent[i]);
            last = i;
        }
        return last >= 0 ? longest : throw new InvalidOperationException("the client was never answered");
    }

    void Ask()
    {
        RealTime.TryPrefer(RealTimePriority);
        for (var next = Stopwatch.GetTimestamp(); !_isOver && _count < Most; next = Beat.After(next, _beat))
        {
            Beat.Until(next);
            Send(_count);
            _count++;
            Hear();
        }
        Thread.Sleep(s_tooLate);
        Hear();
    }

    void Send(int number)
    {
        (_question[0], _question[1]) = (8, 0);
        BinaryPrimitives.WriteUInt16BigEndian(_question.AsSpan(2), 0);
        BinaryPrimitives.WriteUInt16BigEndian(_question.AsSpan(4), _id);
        BinaryPrimitives.WriteInt32BigEndian(_question.AsSpan(HeaderLength), number);
        var sum = 0;
        for (var i = 0; i < _question.Length; i += 2) sum += BinaryPrimitives.ReadUInt16BigEndian(_question.AsSpan(i));
        sum = (sum & 0xffff) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(_question.AsSpan(2), (ushort)~(sum + (sum >> 16)));
        _sent[number] = Stopwatch.GetTimestamp();
        // An error may be the last question's, which the kernel tells of here.
        _socket.Send(_question, SocketFlags.None, out var error);
        if (error != SocketError.Success) _socket.Send(_question, SocketFlags.None, out _);
    }

    void Hear()
    {
        while (true)
        {
            var length = _socket.Receive(_answer, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock) return;
            var header = (_answer[0] & 15) * 4;
            if (error != SocketError.Success || length < header + HeaderLength + sizeof(int)) continue;
            var answer = _answer.AsSpan(header);
            if (answer[0] != 0 || BinaryPrimitives.ReadUInt16BigEndian(answer[4..]) != _id) continue;
            var number = BinaryPrimitives.ReadInt32BigEndian(answer[HeaderLength..]);
            if (number >= 0 && number < _count && Stopwatch.GetElapsedTime(_sent[number]) < s_tooLate) _isAnswered[number] = true;
        }
    }

    public void Dispose() => _socket.Dispose();
}
